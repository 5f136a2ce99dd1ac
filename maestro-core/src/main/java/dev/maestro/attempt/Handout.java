package dev.maestro.attempt;

import dev.maestro.agent.Persona;
import dev.maestro.policy.Verdict;
import java.nio.file.Path;
import java.util.Objects;

/** What whoever has claimed an agent or plan step is told; clients do not implement it. */
public sealed interface Handout {

  /**
   * What an agent would be told that Maestro launches.
   *
   * @param prompt what to do, with all that is known of an attempt before
   * @param persona as what
   * @param directory where; absolute
   */
  record Brief(String prompt, Persona persona, Path directory) implements Handout {

    /** Check that nothing is missing. */
    public Brief {
      Objects.requireNonNull(prompt, "prompt");
      Objects.requireNonNull(persona, "persona");
      Objects.requireNonNull(directory, "directory");
    }
  }

  /**
   * A rule does not let it begin.
   *
   * @param verdict what it says
   */
  record Withheld(Verdict verdict) implements Handout {

    /** Check that nothing is missing. */
    public Withheld {
      Objects.requireNonNull(verdict, "verdict");
    }
  }
}
