package dev.maestro.providers;

import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;

/**
 * Understands a program that is talked to while it works: its stdin stays open, it asks and is
 * answered.
 *
 * <p>A {@link CliAgent} whose reading is a dialogue gets no input but what the dialogue says. Once
 * all is said the program is let go, and how it ends does not matter any more.
 */
public interface Dialogue extends Reading {

  /** Begin to talk; called once, before the first line, when the program's start is on disk. */
  void open(Partner partner);

  /**
   * Ask the program to stop what it does; its stdin ends behind that, and a while later it is ended
   * by force. Called by any thread, also before {@link #open} and more than once; must not block.
   */
  void stop();

  /** {@return whether all is said} */
  boolean isOver();

  /** The program, and whoever listens to the launch. */
  interface Partner {

    /** Hand the program a line, without its end; one that is gone hears nothing. */
    void say(String line);

    /**
     * Ask whether the program may use a tool; what was noted before is heard before.
     *
     * <p>Called on the thread that hands the dialogue its lines.
     */
    PermissionDecision permit(PermissionRequest request);

    /** Let the program go, as all is said: its stdin ends, and a while later it is ended. */
    void letGo();
  }
}
