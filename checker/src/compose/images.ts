export { images } from '../runtime/containers/images.ts';
