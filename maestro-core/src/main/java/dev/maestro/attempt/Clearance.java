package dev.maestro.attempt;

import dev.maestro.task.Cap;
import java.util.Objects;
import java.util.Optional;

/** What an attempt is told that has recorded its intent to launch an agent. */
public sealed interface Clearance {

  /** {@return launch it, whatever it uses up} */
  static Clearance unlimited() {
    return new Launch(Cap.NONE, Optional.empty());
  }

  /**
   * Launch it; the intent is recorded.
   *
   * @param cap the most it may use up
   * @param outputLimit to how many characters its text is cut when it used up more, if it is
   */
  record Launch(Cap cap, Optional<Integer> outputLimit) implements Clearance {

    /** Check that nothing is missing. */
    public Launch {
      Objects.requireNonNull(cap, "cap");
      Objects.requireNonNull(outputLimit, "outputLimit");
    }
  }

  /**
   * It has to go on with less, and to say so again; nothing is recorded.
   *
   * @param why what there is too little of
   * @param model on which model, if not the same
   */
  record Less(String why, Optional<String> model) implements Clearance {

    /** Check that nothing is missing. */
    public Less {
      Objects.requireNonNull(why, "why");
      Objects.requireNonNull(model, "model");
    }
  }
}
