import { Router } from 'express';

export const health = Router();

function openTheShop(): never {
  // Wrong on purpose.
  throw new Error('The photo shop is closed.');
}

openTheShop();
