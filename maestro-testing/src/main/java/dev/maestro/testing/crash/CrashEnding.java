package dev.maestro.testing.crash;

/** What a point of a crash matrix ended in. */
public enum CrashEnding {
  /** A fresh JVM went on to the end of the undisturbed run. */
  SAME("same end"),
  /** The store opens and holds everything; the damage touched nothing that counts. */
  UNHURT("unhurt"),
  /** The store, or the run and only the run, was refused, and the place was told. */
  REFUSED("refused"),
  /** The run never came by this point, so nothing was tried. */
  NOT_REACHED("not reached"),
  /** Something came out that no rule allows. */
  DIFFERENT("different");

  private final String words;

  CrashEnding(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
