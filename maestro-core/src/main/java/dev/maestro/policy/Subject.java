package dev.maestro.policy;

import dev.maestro.approval.Shown;
import dev.maestro.workspace.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link Guardrail} is asked about. */
public sealed interface Subject {

  /** {@return where in an attempt it is asked about} */
  Place place();

  /** {@return what it would run, write or look up; empty when it is nothing that acts} */
  default Optional<Reach> reach() {
    return Optional.empty();
  }

  /**
   * A prompt that is about to be sent.
   *
   * @param text all of it
   */
  record Prompt(String text) implements Subject {

    /** Check that nothing is missing. */
    public Prompt {
      Objects.requireNonNull(text, "text");
    }

    @Override
    public Place place() {
      return Place.GUARDRAILS;
    }
  }

  /**
   * A program that a command step is about to run.
   *
   * @param does what it reaches
   */
  record Command(Reach does) implements Subject {

    /** Check that nothing is missing. */
    public Command {
      Objects.requireNonNull(does, "does");
    }

    @Override
    public Place place() {
      return Place.GUARDRAILS;
    }

    @Override
    public Optional<Reach> reach() {
      return Optional.of(does);
    }
  }

  /**
   * A tool that an agent wants to use.
   *
   * @param name what the agent calls it
   * @param does what it reaches
   */
  record Tool(String name, Reach does) implements Subject {

    /** Check that nothing is missing. */
    public Tool {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(does, "does");
    }

    @Override
    public Place place() {
      return Place.TOOL;
    }

    @Override
    public Optional<Reach> reach() {
      return Optional.of(does);
    }
  }

  /**
   * What a tool brought back.
   *
   * @param tool what the agent calls it
   * @param text what it brought
   */
  record Fetched(String tool, String text) implements Subject {

    /** Check that nothing is missing. */
    public Fetched {
      Objects.requireNonNull(tool, "tool");
      Objects.requireNonNull(text, "text");
    }

    @Override
    public Place place() {
      return Place.TOOL;
    }
  }

  /**
   * What an agent or a program returned.
   *
   * @param text all of it
   */
  record Output(String text) implements Subject {

    /** Check that nothing is missing. */
    public Output {
      Objects.requireNonNull(text, "text");
    }

    @Override
    public Place place() {
      return Place.OUTPUT;
    }
  }

  /**
   * What an attempt has changed in its workspace.
   *
   * @param changes the files
   * @param text what is known of their lines, or null where nothing is
   */
  record Diff(List<Change> changes, @Nullable Lines text) implements Subject {

    /** Copy the list. */
    public Diff {
      changes = List.copyOf(changes);
    }

    @Override
    public Place place() {
      return Place.DIFF;
    }

    /** {@return it for people: the files, and with a hash of all that is known of their lines} */
    Shown shown() {
      List<String> things = new ArrayList<>();
      changes.forEach(change -> things.add(change.kind() + " " + change.path()));
      String files = String.join("\n", things);
      if (text != null) {
        things.add(text.added());
      }
      return Shown.of(files, things);
    }
  }

  /**
   * The changed lines of a diff.
   *
   * @param lines how many were added and removed together, or null where that is not known
   * @param added those that were added, one under the other
   * @param declared how many secrets that the pipeline declares are among those added
   * @param cut whether there are more than could be read
   */
  record Lines(@Nullable Integer lines, String added, int declared, boolean cut) {

    /** Check that nothing is missing. */
    public Lines {
      Objects.requireNonNull(added, "added");
    }
  }
}
