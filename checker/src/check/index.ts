// The vocabulary of a check: users, crowds and accidents, and what is required of what they saw.

export { App, type AppOptions } from './app.ts';
export { Answer } from './answer.ts';
export { Crowd } from './crowd.ts';
export { Browser } from './browser/browser.ts';
export { mostWithin } from './browser/pace.ts';
export { OpenPage } from './browser/open-page.ts';
export {
  countByMachine,
  failedBeforeFirstByte,
  hasFailed,
  msOf,
  outcomes,
  percentile,
  requireOnTime,
  sentBetween,
  together,
  type CrowdRecord,
  type CrowdRequest,
} from './crowd-record.ts';
export { Database } from './database.ts';
export { type AdvisoryLockSeen, type RoleSeen, type SessionSeen } from './database-sessions.ts';
export { Download } from './download.ts';
export { exercise, type Check, type Scene, type StandIn } from './exercise.ts';
export { pain, type Pain, type PainScene } from './pain.ts';
export { Failure, NotRun, type Finding } from './failure.ts';
export { violationOf, type History, type Operation, type Outcome, type Read, type Violation, type Write } from './history.ts';
export { Chronicle, Witness } from './history-record.ts';
export { storyOf } from './history-story.ts';
export { distinct, picture, pictures, type Picture } from './picture.ts';
export { Redis, type ClientSeen, type KeySeen } from './redis.ts';
export { type CommandSeen } from './redis-monitor.ts';
export { RedisError } from './resp.ts';
export { clip, requireAnswer, requireProblem, requireStatus, requireThat, sentences } from './require.ts';
export { HeldUpload } from './held-upload.ts';
export { type TableLock } from './holds.ts';
export { feedIn, likesIn, permissionIn, photoIn } from './shapes.ts';
export { type UploadPermission } from './upload-permission.ts';
export { callsByNode, compareNodes, type StatementOnNodes, type StatementSeen } from './statements.ts';
export { timelineOf, type Timeline } from './timeline.ts';
export { User, type FeedPage, type Photo } from './user.ts';
export { mostHeldTogether } from './connections.ts';
export { addMachineLike, resizeMachine, substituteMachine } from '../stack/rearrange.ts';
export { machinesWith, type StackDescription } from '../stack/description.ts';
export { pause, TimeoutError, until } from '../runtime/until.ts';
