/** Worktrees, checkpoints, diffs and merges on real git repositories. */
module dev.maestro.git {
  requires transitive dev.maestro.core;
  requires org.eclipse.jgit;
  requires org.slf4j;

  exports dev.maestro.git;
}
