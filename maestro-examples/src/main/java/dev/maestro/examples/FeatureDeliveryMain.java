package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Recovery;
import dev.maestro.Run;
import dev.maestro.RunOptions;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.MaestroException;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.process.Reaped;
import dev.maestro.process.Registration;
import dev.maestro.providers.CommandAgent;
import dev.maestro.run.RunEvent;
import dev.maestro.store.FileStore;
import dev.maestro.store.RunIndex;
import dev.maestro.store.RunQuery;
import dev.maestro.store.Store;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.task.Tenant;
import dev.maestro.testing.RecordedAgent;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * How do agents deliver a feature?
 *
 * <p>Makes a real git repository with a small Java project, lets agents plan a feature, implement
 * it in parallel worktrees, test, review and merge it. Kill it at any moment and start it again: it
 * goes on where it was. With nothing installed a recorded agent does the work, as a child process
 * like any other; {@code --agent} names a real one.
 */
public final class FeatureDeliveryMain {

  private static final String REPOSITORY = "repository";
  private static final String BRANCH = "branch";

  static final int MERGED = 0;
  static final int FAILED = 1;
  static final int UNUSABLE = 2;
  static final int NEEDS_SOMEBODY = 3;
  static final int UNEXPECTED = 4;

  private final Arguments arguments;
  private final PrintStream out;

  private FeatureDeliveryMain(Arguments arguments, PrintStream out) {
    this.arguments = arguments;
    this.out = out;
  }

  /** Deliver the feature, and exit with one of the codes that {@code --help} explains. */
  public static void main(String[] typed) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.exit(run(typed, out));
  }

  static int run(String[] typed, PrintStream out) {
    try {
      Arguments arguments = Arguments.parse(typed);
      if (arguments.help()) {
        out.print(Arguments.HELP);
        return MERGED;
      }
      return new FeatureDeliveryMain(arguments, out).deliver();
    } catch (UsageException e) {
      out.println(e.getMessage());
      return UNUSABLE;
    } catch (MaestroException e) {
      out.println(e.getMessage());
      return UNUSABLE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      out.println("Interrupted; start it again and it goes on.");
      return UNEXPECTED;
    } catch (IOException e) {
      out.println("The machine did not do what was asked: " + e);
      return UNEXPECTED;
    }
  }

  // ------------------------------------------------------------------ the run

  private int deliver() throws IOException, InterruptedException {
    if (arguments.fresh() || !arguments.usesOwnRepository() && isFinished()) {
      DemoProject.delete(arguments.home());
    }
    Path repository = repository();
    try (Maestro maestro = maestro(repository)) {
      Optional<RunIndex> open = unfinished(maestro);
      if (open.isEmpty()) {
        requireBranch(repository);
      }
      open.ifPresent(run -> requireSamePlace(run, repository));
      if (open.isEmpty() && arguments.resume()) {
        throw new UsageException(
            "There is no interrupted run in " + arguments.home() + "; start one without --resume.");
      }
      return conclude(watch(maestro, open, repository), repository);
    }
  }

  /** Closing the registration lets the last lines be shown before the summary. */
  private RunResult watch(Maestro maestro, Optional<RunIndex> open, Path repository)
      throws InterruptedException {
    out.println(
        open.isPresent()
            ? "Going on with " + open.get().run().run() + " in " + repository
            : "Delivering in " + repository);
    out.println("  " + arguments.task() + System.lineSeparator());
    Registration progress = maestro.listen(new Progress(out, isTerminal()));
    try {
      Run run = open.isPresent() ? goOn(maestro, open.get()) : begin(maestro, repository);
      return run.await();
    } finally {
      progress.close();
    }
  }

  private Run begin(Maestro maestro, Path repository) {
    Pipeline pipeline = FeaturePipeline.with(check(), guarded(), arguments.branch());
    RunOptions options =
        RunOptions.of(Tenant.DEFAULT, Actor.of("demo"))
            .label(REPOSITORY, repository.toString())
            .label(BRANCH, arguments.branch());
    return maestro.start(pipeline, runId(maestro), Inputs.of("task", arguments.task()), options);
  }

  /**
   * In a repository of one's own, branches of earlier runs may have stayed; their names are taken.
   */
  private RunId runId(Maestro maestro) {
    int number = maestro.runs(RunQuery.of(Tenant.DEFAULT)).size() + 1;
    return RunId.of(
        arguments.usesOwnRepository()
            ? "feature-" + InstantSource.system().millis()
            : "feature-" + number);
  }

  /** The definition is in the journal, so nothing has to be composed again. */
  private Run goOn(Maestro maestro, RunIndex open) {
    Recovery recovery = maestro.recover();
    recovery.refused().forEach((run, why) -> out.println("Run " + run + " is refused: " + why));
    recovery.processes().stream()
        .filter(process -> process.outcome() != Reaped.Outcome.GONE)
        .forEach(process -> out.println("  left behind: " + process.detail()));
    Run run = maestro.find(open.run()).orElseThrow();
    run.snapshot().tasks().stream()
        .filter(task -> task.state() == TaskState.BLOCKED)
        .filter(task -> !task.reason().equals(Optional.of(Reason.DEPENDENCY_FAILED)))
        .forEach(task -> run.retry(task.id(), Actor.of("demo")));
    return run;
  }

  private void requireBranch(Path repository) throws IOException {
    if (!ChangedFiles.hasBranch(repository, arguments.branch())) {
      throw new UsageException(
          "There is no branch '"
              + arguments.branch()
              + "' in "
              + repository
              + "; name one with --branch.");
    }
  }

  /** An unfinished run goes on where it was begun, and nowhere else. */
  private void requireSamePlace(RunIndex open, Path repository) {
    String place = open.labels().get(REPOSITORY);
    String branch = open.labels().get(BRANCH);
    boolean samePlace = repository.toString().equals(place);
    if (!samePlace || !arguments.branch().equals(branch)) {
      throw new UsageException(
          "The unfinished run "
              + open.run().run()
              + " works in "
              + place
              + " on "
              + branch
              + "; go on with the options it was started with, or begin anew with --fresh.");
    }
  }

  private static Optional<RunIndex> unfinished(Maestro maestro) {
    return maestro.runs(RunQuery.allOpen()).stream().findFirst();
  }

  /** {@return whether the demo has been delivered, so that it can only begin anew} */
  private boolean isFinished() {
    Path place = arguments.home().resolve("store");
    if (arguments.resume() || !Files.isDirectory(place)) {
      return false;
    }
    try (Store store = FileStore.readOnly(place).open(InstantSource.system())) {
      return store.find(RunQuery.allOpen()).isEmpty();
    }
  }

  private int conclude(RunResult result, Path repository) throws IOException {
    Optional<RunEvent.Merging> merge = Report.merge(result);
    String changes =
        merge.isEmpty()
            ? ""
            : ChangedFiles.between(
                repository, merge.get().before().id(), merge.get().merged().id());
    Report report = new Report(result, changes);
    Path file = arguments.home().resolve("report.md");
    Files.createDirectories(arguments.home());
    Files.writeString(file, report.markdown());
    out.print(report.summary());
    result.questions().forEach(question -> out.println("Open question: " + question.text()));
    out.println("Report " + file);
    if (result.status() == RunStatus.SUCCEEDED) {
      return MERGED;
    }
    return result.status().isTerminal() ? FAILED : NEEDS_SOMEBODY;
  }

  // ------------------------------------------------------------------ what it works with

  private Maestro maestro(Path repository) throws IOException, InterruptedException {
    Files.createDirectories(arguments.home());
    MaestroBuilder builder =
        Maestro.builder()
            .store(FileStore.at(arguments.home().resolve("store")))
            .workspaces(GitWorkspaces.builder(repository).branch(arguments.branch()).build())
            .discoverNothing()
            .provider(agent())
            .step("report", "1", context -> context.text("review").orElse(""));
    return builder.build();
  }

  private AgentProvider agent() throws IOException {
    if (!arguments.usesRecordedAgent()) {
      return KnownAgents.find(arguments.agent())
          .orElseGet(() -> requireProgram(arguments.agent(), "the agent", "--agent"));
    }
    Path cassette = arguments.home().resolve("cassette.json");
    DemoProject.copy("shop/cassette.json", cassette);
    return CommandAgent.builder(
            ProviderId.of("recorded"), RecordedAgent.childCommand(cassette, "--pace", "1"))
        .build();
  }

  private static CommandAgent requireProgram(List<String> command, String what, String option) {
    CommandAgent program = CommandAgent.builder(ProviderId.of("command"), command).build();
    if (!program.detect().present()) {
      throw new UsageException(
          "There is no program '%s' to be %s; install it or name another with %s."
              .formatted(command.get(0), what, option));
    }
    return program;
  }

  private Path repository() throws IOException {
    Path own = arguments.repository();
    if (own != null) {
      if (!Files.isDirectory(own)) {
        throw new UsageException("There is no directory " + own + ".");
      }
      requireProgram(arguments.gate(), "the gate", "--gate");
      return own;
    }
    Path repository = arguments.home().resolve("repository");
    if (!Files.exists(repository)) {
      // made elsewhere and moved, so that a kill leaves a whole one or none
      Path draft = arguments.home().resolve("repository.draft");
      DemoProject.delete(draft);
      Files.createDirectories(draft);
      DemoProject.create(draft, arguments.branch());
      Files.move(draft, repository, StandardCopyOption.ATOMIC_MOVE);
    }
    return repository;
  }

  private List<String> check() {
    return arguments.gate().isEmpty() ? demoCheck() : arguments.gate();
  }

  /** {@return the command that compiles the demo's project and runs its tests} */
  static List<String> demoCheck() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        ProjectCheckMain.classPath(),
        ProjectCheckMain.class.getName());
  }

  private List<String> guarded() {
    return arguments.usesOwnRepository() ? List.of() : List.of(DemoProject.GUARDED);
  }

  private static boolean isTerminal() {
    String terminal = System.getenv("TERM");
    return System.console() != null && terminal != null && !terminal.equals("dumb");
  }
}
