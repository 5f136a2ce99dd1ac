package dev.maestro.hosted;

import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a line of text asks for, such as {@code $maestro wf tdd Add rate limiting}. */
@FunctionalInterface
interface TextCommand {

  /** What there is to say. */
  String HELP =
      """
      wf PIPELINE [--run RUN] TASK    start a run; what follows is its input 'task'
      next RUN [HOW MANY]             ask for work
      submit RUN STEP [#CLAIM] OUTPUT hand in a step
      fail RUN STEP [#CLAIM] WHY      say that a step cannot be done
      release RUN STEP                give a step back
      approve RUN QUESTION HASH yes | no WHY | changes WHAT
                                      hand on a person's answer, for what the question shows
      status RUN                      how a run stands
      pipelines                       what can be started
      help                            this\
      """;

  /** Do it. */
  Reply on(Host host) throws InterruptedException;

  /** {@return what it asks for; when that cannot be understood, a command that says so} */
  static TextCommand of(String text) {
    try {
      return read(new Line(text));
    } catch (IllegalArgumentException | InvalidDefinitionException e) {
      return host -> new Reply.Refused("malformed", e.getMessage() + "\n\n" + HELP);
    }
  }

  private static TextCommand read(Line line) {
    line.skipAddress();
    String verb = line.word("a command").toLowerCase(Locale.ROOT);
    return switch (verb) {
      case "wf", "workflow", "start" -> start(line);
      case "next" -> next(line);
      case "submit" -> submit(line);
      case "fail" -> fail(line);
      case "release" -> release(line);
      case "approve", "answer" -> approve(line);
      case "status" -> status(line);
      case "pipelines", "workflows" -> host -> new Reply.Help(pipelines(host));
      case "help" -> host -> new Reply.Help(HELP);
      default ->
          host ->
              new Reply.Refused(
                  "unknown-verb", "there is no command '" + verb + "'; there is:\n\n" + HELP);
    };
  }

  private static TextCommand start(Line line) {
    String pipeline = line.word("the name of a pipeline");
    RunId run = line.takes("--run") ? RunId.of(line.word("the name of the run")) : null;
    String task = line.rest();
    Inputs inputs = task.isBlank() ? Inputs.none() : Inputs.of("task", task);
    return host -> run == null ? host.start(pipeline, inputs) : host.start(pipeline, run, inputs);
  }

  private static TextCommand next(Line line) {
    RunId run = line.run();
    int most = line.isAtEnd() ? 1 : line.number("how many steps");
    return host -> host.next(run, most);
  }

  private static TextCommand submit(Line line) {
    RunId run = line.run();
    TaskId step = line.step();
    Integer claim = line.claim();
    Submission done = new Submission(run, step, claim, line.rest(), Usage.NONE, null);
    return host -> host.submit(done);
  }

  private static TextCommand fail(Line line) {
    RunId run = line.run();
    TaskId step = line.step();
    Integer claim = line.claim();
    Submission failed = new Submission(run, step, claim, "", Usage.NONE, line.rest("why"));
    return host -> host.submit(failed);
  }

  private static TextCommand release(Line line) {
    RunId run = line.run();
    TaskId step = line.step();
    return host -> host.release(run, step);
  }

  private static TextCommand approve(Line line) {
    RunId run = line.run();
    QuestionId question = QuestionId.of(line.word("a question"));
    String hash = line.word("the hash of what the question shows");
    String word = line.word("'yes', 'no' or 'changes'").toLowerCase(Locale.ROOT);
    Answer answer =
        switch (word) {
          case "yes" -> yes(line);
          case "no" -> Answer.reject(line.rest());
          case "changes" -> Answer.changes(line.rest("what is to be different"));
          default -> throw new IllegalArgumentException("'" + word + "' is not yes, no or changes");
        };
    return host -> host.approve(run, question, new Answer(answer.decision(), answer.text(), hash));
  }

  /** A yes under a condition is none. */
  private static Answer yes(Line line) {
    if (!line.isAtEnd()) {
      throw new IllegalArgumentException(
          "a 'yes' stands alone; where something is to be different, the answer is 'changes'");
    }
    return Answer.approve();
  }

  private static TextCommand status(Line line) {
    RunId run = line.run();
    return host -> host.status(run);
  }

  private static String pipelines(Host host) {
    StringBuilder text = new StringBuilder();
    for (String name : host.hosted().pipelines()) {
      host.hosted()
          .pipeline(name)
          .ifPresent(
              pipeline -> {
                text.append(name).append(", of inputs ").append(pipeline.inputs());
                text.append(pipeline.description().isBlank() ? "" : ": " + pipeline.description());
                text.append('\n');
              });
    }
    return text.isEmpty() ? "there is none" : text.toString();
  }

  /** Takes a text apart, from the left. */
  final class Line {

    private String left;

    Line(String text) {
      left = text.strip();
    }

    /** Where a message is written to somebody, that is not part of what it says. */
    void skipAddress() {
      if (left.startsWith("$")) {
        word("a command");
      }
    }

    boolean isAtEnd() {
      return left.isEmpty();
    }

    String word(String what) {
      if (left.isEmpty()) {
        throw new IllegalArgumentException(what + " is missing");
      }
      int end = 0;
      while (end < left.length() && !Character.isWhitespace(left.charAt(end))) {
        end++;
      }
      String word = left.substring(0, end);
      left = left.substring(end).strip();
      return word;
    }

    boolean takes(String option) {
      boolean there = left.equals(option) || left.startsWith(option + " ");
      if (there) {
        word(option);
      }
      return there;
    }

    String rest() {
      String rest = left;
      left = "";
      return rest;
    }

    String rest(String what) {
      if (left.isEmpty()) {
        throw new IllegalArgumentException(what + " is missing");
      }
      return rest();
    }

    RunId run() {
      return RunId.of(word("the name of a run"));
    }

    TaskId step() {
      return TaskId.of(word("the name of a step"));
    }

    int number(String what) {
      String word = word(what);
      try {
        return Integer.parseInt(word);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(what + " is a number, not '" + word + "'", e);
      }
    }

    @Nullable Integer claim() {
      boolean there =
          left.length() > 1 && left.charAt(0) == '#' && Character.isDigit(left.charAt(1));
      if (!there) {
        return null;
      }
      left = left.substring(1);
      return number("the number of a claim");
    }
  }
}
