package dev.maestro.hosted;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.run.Claimed;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import dev.maestro.run.Trouble;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says replies in words. */
final class Words {

  private static final int LONGEST_OUTPUT = 4_000;

  private Words() {}

  /** {@return whether it can be kept as it is: without NUL, and without halves of pairs} */
  static boolean isClean(String text) {
    return text.codePoints().noneMatch(c -> c == 0 || c >= 0xD800 && c <= 0xDFFF);
  }

  static Reply.Refused unclean() {
    return new Reply.Refused("malformed", "a text holds no NUL and no half of a surrogate pair");
  }

  static String work(Reply.Work work) {
    String steps =
        work.steps().stream().map(HostedStep::text).collect(Collectors.joining("\n----\n\n"));
    return "Run " + work.run() + ". " + steps + "\nSubmit each step when it is done.\n";
  }

  static String waiting(Reply.Waiting waiting) {
    StringBuilder text = new StringBuilder("Nothing to do in run ").append(waiting.run());
    text.append(" just now: ").append(waiting.why()).append('.');
    waiting.again().ifPresent(until -> text.append(" Ask again at ").append(until).append('.'));
    waiting.questions().forEach(question -> text.append("\n\n").append(of(question)));
    return text.toString();
  }

  static String ended(Reply.Ended ended) {
    StringBuilder text = new StringBuilder("Run ").append(ended.run()).append(" has ended: ");
    text.append(ended.status());
    if (!ended.why().isEmpty()) {
      text.append(", ").append(ended.why());
    }
    text.append('.');
    for (Map.Entry<String, String> output : ended.outputs().entrySet()) {
      text.append("\n\n").append(output.getKey()).append(":\n").append(cut(output.getValue()));
    }
    return text.toString();
  }

  private static String cut(String output) {
    return output.length() <= LONGEST_OUTPUT
        ? output
        : output.substring(0, LONGEST_OUTPUT)
            + "\n(cut; it has "
            + output.length()
            + " characters)";
  }

  static String of(Question question) {
    StringBuilder text = new StringBuilder("Question ").append(question.id());
    text.append(" of step ").append(question.task()).append(": ").append(question.text());
    if (question.shown() != null && !question.shown().text().isBlank()) {
      text.append("\n").append(question.shown().text().indent(2).stripTrailing());
    }
    text.append("\nIt is a person's to answer, for what is shown: ").append(question.hash());
    return text.toString();
  }

  static String of(Answer.Decision decision) {
    return switch (decision) {
      case APPROVE -> "yes";
      case REJECT -> "no";
      case CHANGES -> "not like this";
    };
  }

  static String status(RunSnapshot run) {
    StringBuilder text = new StringBuilder("Run ").append(run.key().run()).append(" of '");
    text.append(run.pipeline()).append("' is ").append(run.status());
    Optional.ofNullable(run.detail()).ifPresent(why -> text.append(": ").append(why));
    run.tasks().stream().filter(task -> !task.isRetired()).forEach(task -> line(text, task));
    run.questions().forEach(question -> text.append("\n\n").append(of(question)));
    return text.toString();
  }

  private static void line(StringBuilder text, Task task) {
    text.append("\n- ").append(task.id()).append(": ").append(task.state());
    task.reason().ifPresent(reason -> text.append(" (").append(reason.code()).append(')'));
    if (task.attempt() > 0) {
      text.append(", attempt ")
          .append(task.attempt())
          .append(" of ")
          .append(task.allowedAttempts());
    }
    task.claim().ifPresent(claim -> text.append(", ").append(of(claim)));
    if (task.awaitsClaim()) {
      text.append(", waits for a host");
    }
  }

  static String of(Claimed claim) {
    return "with " + claim.actor() + " until " + claim.until();
  }

  static String of(Trouble trouble) {
    String what = trouble.reason().code().toLowerCase(Locale.ROOT) + ": " + trouble.message();
    return trouble.excerpt().isBlank() ? what : what + "\n\n" + trouble.excerpt();
  }
}
