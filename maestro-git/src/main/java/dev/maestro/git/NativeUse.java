package dev.maestro.git;

/** Whether the {@code git} program does the work it does better than JGit. */
public enum NativeUse {
  /** Where it is installed; repositories that only it can serve are refused elsewhere. */
  AUTO,
  /** Not at all. */
  NEVER,
  /** Always; without it nothing opens. */
  REQUIRED
}
