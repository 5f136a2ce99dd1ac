package dev.maestro.graph;

/**
 * What a dependency on a task that does not exist means.
 *
 * <p>None of them changes the order, and every missing dependency is reported, whatever the policy.
 */
public enum MissingPolicy {
  /** The task waits for it, for ever if it never comes; the default. */
  BLOCK,

  /** The link is kept and counts again in a graph that has the task, but holds nothing back. */
  IGNORE,

  /** The link is dropped and is no dependency of the task. */
  PRUNE
}
