package dev.maestro.providers.acp;

/** How an agent tells over the protocol what its model used up. */
enum Counting {
  /** Not in a way that could be relied on: not at all, or only the last call of the model. */
  UNKNOWN,
  /** With the end of the turn, all calls of the model together. */
  BY_TURN,
  /** After each call of the model, with a piece of its answer. */
  BY_CALL
}
