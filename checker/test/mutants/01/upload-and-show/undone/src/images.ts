// Mutant: exercise 1.2 as in the start state: photos can be neither uploaded nor shown.
// The images: files on this machine's disk, served as they were uploaded.

import { Router } from 'express';

export const images = Router();

// Exercise 1.2: receive an image, tell its type by its bytes, keep it as a file in config.dataDir, serve it here.

// Exercise 1.6: what a photo points to has to be whole, even when the machine dies at this very moment.
