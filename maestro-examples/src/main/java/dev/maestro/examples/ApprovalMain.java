package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Asking;
import dev.maestro.approval.Question;
import dev.maestro.approval.Shown;
import dev.maestro.gate.Gate;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Tiers;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Risk;
import dev.maestro.task.RunId;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Does an approval outlive the process that asked, and what is it about?
 *
 * <p>A process runs a pipeline up to the merge, which a person has to agree to, and is killed
 * there. Another answers: an answer about something else is refused, and the one about the diff
 * that was shown merges it. Nothing is paid for again and nobody is asked twice. Exit code 1 if
 * anything else happened.
 */
public final class ApprovalMain {

  private static final RunId RUN = RunId.of("release-1");
  private static final Actor ANN = Actor.of("ann");
  private static final Pipeline PIPELINE =
      Pipeline.named("release")
          .step(
              "notes",
              s ->
                  s.agent("writer")
                      .prompt("Write the release notes")
                      .gate(Gate.command("test", "-s", "NOTES.md"))
                      .mergeInto("main")
                      .risk(Risk.MEDIUM)
                      .signOff(Tiers.USUAL)
                      .asking(Asking.DEFAULT.within(Duration.ofDays(7))))
          .build();

  private ApprovalMain() {}

  /** Tell the story; with a directory, be the process that asks in it and is killed. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0) {
      askAndWait(Path.of(arguments[0]));
    } else {
      System.exit(tell(System.out, Files.createTempDirectory("approval")) ? 0 : 1);
    }
  }

  private static ScriptedAgent agent() {
    return ScriptedAgent.named("scripted")
        .on("notes", Turn.says("done").writes("NOTES.md", "It is faster now.\n"))
        .build();
  }

  private static Maestro open(Path directory, ScriptedAgent agent) {
    return Maestro.builder()
        .store(FileStore.at(directory.resolve("store")))
        .workspaces(GitWorkspaces.of(directory.resolve("repository")))
        .discoverNothing()
        .provider(agent)
        .build();
  }

  private static void askAndWait(Path directory) throws Exception {
    try (Maestro maestro = open(directory, agent())) {
      maestro.start(PIPELINE, RUN, Inputs.none()).await();
      System.out.println("asked");
      System.out.flush();
      TimeUnit.DAYS.sleep(1);
    }
  }

  /** {@return whether it went as promised} */
  static boolean tell(PrintStream out, Path directory) throws Exception {
    DemoProject.create(directory.resolve("repository"), "main");
    killWhenItHasAsked(directory);
    out.println("The process that asked was killed.");
    ScriptedAgent agent = agent();
    try (Maestro maestro = open(directory, agent)) {
      maestro.recover();
      return tell(out, maestro.find(RUN).orElseThrow())
          && agent.launches().isEmpty()
          && Files.exists(directory.resolve("repository/NOTES.md"));
    }
  }

  private static void killWhenItHasAsked(Path directory) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ApprovalMain.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      if (!"asked".equals(process.inputReader().readLine())) {
        throw new IllegalStateException("the process did not ask");
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static boolean tell(PrintStream out, Run run) throws InterruptedException {
    RunResult asked = run.await();
    if (asked.questions().size() != 1) {
      return false;
    }
    Question question = asked.questions().get(0);
    Shown shown = question.shown();
    out.println("Maestro asks: " + question.text());
    out.print(shown == null ? "" : shown.text().indent(2));
    boolean refused = false;
    try {
      Answer other = new Answer(Answer.Decision.APPROVE, "", Shown.of("another diff").hash());
      run.answer(question.id(), other, ANN);
    } catch (RefusedException e) {
      refused = e.code().equals("stale");
      out.println("A yes to something else is refused: " + e.getMessage());
    }
    run.answer(question.id(), Answer.approve().to(question), ANN);
    RunResult ended = run.await();
    out.println("After ann's yes to what was shown the run is " + ended.status() + ", merged.");
    return refused && ended.isSuccess() && ended.questions().isEmpty();
  }
}
