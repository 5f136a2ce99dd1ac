package dev.maestro.gate;

/** A gate in the application's own code, registered on the builder by name and version. */
@FunctionalInterface
public interface GateCheck {

  /**
   * Look at the files and say whether they pass.
   *
   * <p>Called on a worker thread, interrupted when the run is cancelled. An exception means that
   * the gate has failed, and its message is what the next attempt is told.
   */
  Finding check(GateSubject subject) throws Exception;

  /**
   * What a check found.
   *
   * @param passed whether the files pass
   * @param output why, for people and for the next attempt; may be empty
   */
  record Finding(boolean passed, String output) {

    /** {@return the files pass} */
    public static Finding pass() {
      return new Finding(true, "");
    }

    /** {@return the files do not pass, and why} */
    public static Finding fail(String why) {
      return new Finding(false, why);
    }
  }
}
