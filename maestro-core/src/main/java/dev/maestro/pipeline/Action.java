package dev.maestro.pipeline;

import dev.maestro.agent.Thinking;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a step does. */
public sealed interface Action {

  /** The kinds of step, as text forms name them. */
  enum Kind {
    /** An agent works on a prompt. */
    AGENT,
    /** A program runs. */
    COMMAND,
    /** The application's own code runs. */
    CODE,
    /** A person answers. */
    APPROVAL,
    /** An agent writes a plan, and each of its task lines becomes a task. */
    PLAN,
    /** Nothing is done; the step waits its delay out. */
    WAIT,
    /** A pipeline of its own runs inside the step. */
    PIPELINE,
    /** The same is done for each element of a list. */
    FOR_EACH
  }

  /** {@return which kind this is} */
  Kind kind();

  /** {@return whether an agent does it, who is told what to do and says what has been done} */
  default boolean isAgents() {
    return kind() == Kind.AGENT || kind() == Kind.PLAN;
  }

  /** {@return whether it works in a workspace} */
  default boolean usesWorkspace() {
    return switch (kind()) {
      case AGENT, COMMAND, PLAN -> true;
      case CODE, APPROVAL, WAIT, PIPELINE, FOR_EACH -> false;
    };
  }

  /**
   * An agent works on a prompt.
   *
   * @param agent a persona's name, or a role that the default provider plays
   * @param prompt a template
   * @param model an alias or full model id, or null for the persona's
   * @param thinking how much it thinks before it answers, or null for as much as the persona does
   */
  record Agent(String agent, String prompt, @Nullable String model, @Nullable Thinking thinking)
      implements Action {

    /** Check that nothing required is missing. */
    public Agent {
      Objects.requireNonNull(agent, "agent");
      Objects.requireNonNull(prompt, "prompt");
    }

    /** Let it think as much as its persona does. */
    public Agent(String agent, String prompt, @Nullable String model) {
      this(agent, prompt, model, null);
    }

    @Override
    public Kind kind() {
      return Kind.AGENT;
    }
  }

  /**
   * A program runs in the workspace; its standard output is the step's output. At least once: it
   * may run again after a crash.
   *
   * @param command the program and its arguments, each a template, handed over as they are
   */
  record Command(List<String> command) implements Action {

    /** Copy the list. */
    public Command {
      command = List.copyOf(command);
    }

    @Override
    public Kind kind() {
      return Kind.COMMAND;
    }
  }

  /**
   * Code runs that the application registered on the builder. At least once: it may run again after
   * a crash.
   *
   * @param name under which it is registered
   * @param version of the code
   */
  record Code(String name, String version) implements Action {

    /** Check that nothing is missing. */
    public Code {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(version, "version");
    }

    @Override
    public Kind kind() {
      return Kind.CODE;
    }
  }

  /**
   * A person answers yes or no.
   *
   * @param question a template
   */
  record Approval(String question) implements Action {

    /** Check that nothing is missing. */
    public Approval {
      Objects.requireNonNull(question, "question");
    }

    @Override
    public Kind kind() {
      return Kind.APPROVAL;
    }
  }

  /** Nothing is done; the step waits its delay out, without a thread and without a slot. */
  record Wait() implements Action {

    @Override
    public Kind kind() {
      return Kind.WAIT;
    }
  }

  /**
   * An agent writes a plan; each of its task lines becomes a task made from the template step.
   *
   * @param agent a persona's name, or a role that the default provider plays
   * @param prompt a template
   * @param model an alias or full model id, or null for the persona's
   * @param template the id of the template step
   * @param thinking how much it thinks before it answers, or null for as much as the persona does
   */
  record Plan(
      String agent,
      String prompt,
      @Nullable String model,
      String template,
      @Nullable Thinking thinking)
      implements Action {

    /** Check that nothing required is missing. */
    public Plan {
      Objects.requireNonNull(agent, "agent");
      Objects.requireNonNull(prompt, "prompt");
      Objects.requireNonNull(template, "template");
    }

    /** Let it think as much as its persona does. */
    public Plan(String agent, String prompt, @Nullable String model, String template) {
      this(agent, prompt, model, template, null);
    }

    /** {@return what the agent does that writes the plan} */
    public Agent asAgent() {
      return new Agent(agent, prompt, model, thinking);
    }

    @Override
    public Kind kind() {
      return Kind.PLAN;
    }
  }

  /**
   * A pipeline runs inside the step; its tasks are called {@code step/inner}.
   *
   * <p>Names inside are its own: what runs there sees these inputs and what runs beside it, and
   * nothing of what is around.
   *
   * @param pipeline what runs
   * @param inputs what it is given, by name, each a template; one that is a single {@code {{ name
   *     }}} hands the value on as it is, in alphabetical order
   * @param outputs the names of the outputs inside that become the step's: one is the step's
   *     output, several are fields of a JSON object
   */
  record SubPipeline(Pipeline pipeline, Map<String, String> inputs, List<String> outputs)
      implements Action {

    /** Copy the map and the list. */
    public SubPipeline {
      Objects.requireNonNull(pipeline, "pipeline");
      inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
      outputs = List.copyOf(outputs);
    }

    @Override
    public Kind kind() {
      return Kind.PIPELINE;
    }
  }

  /** What becomes of a step when one of its elements has failed for good. */
  enum Failure {
    /** The others are cancelled, and the step fails. */
    CANCEL,
    /** The others go on; the step fails only when none succeeds. */
    KEEP,
    /**
     * The step is done, and the others are cancelled, as soon as enough have succeeded; it fails as
     * soon as that can no longer be.
     */
    QUORUM
  }

  /**
   * The same is done for each element of a JSON list, by tasks called {@code step/1}, {@code
   * step/2} and so on.
   *
   * <p>Each knows its element by name, the element's number, counted from 1, as {@code
   * <name>.index}, and the fields of an element that is an object as {@code <name>.<field>}. The
   * output is a JSON list of theirs, in the order of the elements, with null for those that did not
   * succeed.
   *
   * @param list the name of the list: an input, or the output of a step
   * @param as the name of the element
   * @param parallel how many elements may be at work at once, or null for all; one that is tried
   *     again or reworked waits for room like the others, unless it has tasks inside that go on at
   *     once
   * @param failure what happens when one has failed for good
   * @param quorum how many have to succeed when that is a quorum, otherwise 0
   * @param body what is done for each; has the step's id, and waits for nothing
   */
  record ForEach(
      String list, String as, @Nullable Integer parallel, Failure failure, int quorum, Step body)
      implements Action {

    /** What an element is called unless something else is said; part of the stored form. */
    public static final String DEFAULT_AS = "item";

    /** The most elements that a list may have which fits into the journal. */
    public static final int MOST_ELEMENTS = 4_095;

    private static final String INDEX = ".index";

    /** Check that nothing required is missing. */
    public ForEach {
      Objects.requireNonNull(list, "list");
      Objects.requireNonNull(as, "as");
      Objects.requireNonNull(failure, "failure");
      Objects.requireNonNull(body, "body");
    }

    /** {@return whether this is a name of an element, or of something in it} */
    public boolean names(String name) {
      return name.equals(as) || name.startsWith(as + ".");
    }

    /** {@return the name of an element's number} */
    public String index() {
      return as + INDEX;
    }

    @Override
    public Kind kind() {
      return Kind.FOR_EACH;
    }
  }
}
