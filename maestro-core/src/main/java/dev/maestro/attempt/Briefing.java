package dev.maestro.attempt;

import dev.maestro.gate.Receipt;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Template;
import dev.maestro.run.Feedback;
import dev.maestro.run.Task;
import dev.maestro.run.Trouble;
import java.util.List;

/**
 * Writes the prompt of an agent step: its template, what somebody wants to be different, and after
 * a failed attempt all that is known of it.
 */
final class Briefing {

  private Briefing() {}

  /** {@return what the step says, without what is told beside it} */
  static String order(Task task, Values values) {
    return Template.of(templateOf(task.step().action())).render(task.step().id(), values);
  }

  static String write(Assignment a, Values values) {
    Task task = a.task();
    String prompt = order(task, values);
    String asked = task.feedback().map(feedback -> prompt + changes(feedback)).orElse(prompt);
    String told = task.trouble().map(trouble -> asked + failure(a, trouble)).orElse(asked);
    return task.launches() == 0 || task.approvedQuestions().isEmpty()
        ? told
        : told + allowed(task.approvedQuestions());
  }

  /** What an agent was denied while it worked, and may do now. */
  private static String allowed(List<String> questions) {
    return "\n\n## A person has said yes\n\n- " + String.join("\n- ", questions) + "\n";
  }

  private static String changes(Feedback feedback) {
    return "\n\n"
        + "## Changes are requested\n\n"
        + (feedback.elsewhere()
            ? "This was done before in another run, and none of that is here. "
            : "This was done before, and what is here of its files is as that left them. ")
        + feedback.actor()
        + " wants it to be different:\n\n"
        + feedback.text()
        + "\n";
  }

  private static String templateOf(Action action) {
    return action instanceof Action.Plan plan ? plan.prompt() : ((Action.Agent) action).prompt();
  }

  /** The whole failure goes to the next attempt, so that it does not have to be found out again. */
  private static String failure(Assignment a, Trouble trouble) {
    Task task = a.task();
    StringBuilder text = new StringBuilder("\n\n## The attempt before this one failed\n\n");
    text.append("This is attempt ").append(a.attempt().number()).append(" of ");
    text.append(task.allowedAttempts());
    text.append(
        task.isRolledBack()
            ? ". Its changes were put away; the files are as they were before it.\n\n"
            : ". The files are as that attempt left them.\n\n");
    text.append("Reason: ").append(trouble.reason()).append("\n");
    text.append(trouble.message()).append("\n");
    if (!trouble.excerpt().isBlank()) {
      text.append("\n```\n").append(trouble.excerpt()).append("\n```\n");
    }
    for (Receipt receipt : task.receipts()) {
      text.append(receipt.passed() ? "\nPassed: " : "\nFailed: ").append(receipt.gate());
    }
    return text.append('\n').toString();
  }
}
