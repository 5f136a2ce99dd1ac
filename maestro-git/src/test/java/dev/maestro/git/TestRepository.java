package dev.maestro.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.MergeRequest;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real repository with one commit on {@code main}, and native git to look at it. */
record TestRepository(Path root) {

  static final RunKey RUN = run("r");

  static TestRepository in(Path directory) {
    return in(
        directory,
        Map.of(
            "README",
            "hello\n",
            "src/A.java",
            lines("class A {}"),
            "src/test/ATest.java",
            lines("class ATest {}"),
            ".gitignore",
            "target/\n"));
  }

  /** The same with these files in its one commit. */
  static TestRepository in(Path directory, Map<String, String> files) {
    TestRepository template = Template.MADE.computeIfAbsent(files, Template::make);
    TestRepository repository = new TestRepository(directory.resolve("repository"));
    call(() -> copy(template.root, repository.root));
    return repository;
  }

  /** Made once: starting git six times for each test takes longer than many a test. */
  private static final class Template {

    private static final Map<Map<String, String>, TestRepository> MADE = new ConcurrentHashMap<>();

    private static TestRepository make(Map<String, String> files) {
      Path directory = call(() -> Files.createTempDirectory("maestro-template"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> call(() -> deleted(directory))));
      TestRepository repository = empty(directory);
      files.forEach(repository::write);
      repository.commitAll("first");
      return repository;
    }
  }

  private static Path deleted(Path directory) throws IOException {
    WorktreeFiles.delete(directory);
    return directory;
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    return to;
  }

  static TestRepository empty(Path directory) {
    TestRepository repository = new TestRepository(directory.resolve("repository"));
    call(() -> Files.createDirectories(repository.root));
    repository.git("init", "-q", "-b", "main");
    repository.git("config", "user.name", "Tester");
    repository.git("config", "user.email", "tester@example.org");
    return repository;
  }

  /** {@return enough lines for git to find a renamed file again} */
  static String lines(String last) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= 30; i++) {
      text.append("// line ").append(i).append('\n');
    }
    return text.append(last).append('\n').toString();
  }

  static RunKey run(String id) {
    return new RunKey(Tenant.DEFAULT, RunId.of(id));
  }

  GitWorkspaces workspaces(NativeUse use) throws InterruptedException {
    return GitWorkspaces.builder(root).nativeGit(use).build();
  }

  void write(String path, String text) {
    write(root, path, text);
  }

  static void write(Path directory, String path, String text) {
    Path file = directory.resolve(path);
    call(() -> Files.createDirectories(file.getParent()));
    call(() -> Files.writeString(file, text));
  }

  static void delete(Path directory, String path) {
    call(() -> Files.deleteIfExists(directory.resolve(path)));
  }

  static String read(Path directory, String path) {
    return call(() -> Files.readString(directory.resolve(path)));
  }

  String commitAll(String message) {
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
    return git("rev-parse", "HEAD");
  }

  String git(String... arguments) {
    return gitIn(root, arguments);
  }

  static String gitIn(Path directory, String... arguments) {
    Ran ran = tryGit(directory, arguments);
    assertThat(ran.exitCode())
        .as("git %s in %s: %s", List.of(arguments), directory, ran.output())
        .isZero();
    return ran.output().strip();
  }

  record Ran(int exitCode, String output) {}

  static Ran tryGit(Path directory, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    return call(
        () -> {
          ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
          Process process = builder.redirectErrorStream(true).start();
          process.getOutputStream().close();
          String output =
              new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          return new Ran(process.exitValue(), output);
        });
  }

  /** Let native git look at everything that was written. */
  void requireSound() {
    assertThat(git("fsck", "--strict", "--no-dangling", "--full")).isEmpty();
    git("worktree", "list", "--porcelain");
    git("for-each-ref");
  }

  static Workspace opened(Opening opening) {
    assertThat(opening).isInstanceOf(Opening.Opened.class);
    return ((Opening.Opened) opening).workspace();
  }

  static Workspace open(GitWorkspaces workspaces, String task, Checkpoint... bases)
      throws InterruptedException {
    return opened(workspaces.open(request(task, bases)));
  }

  static WorkspaceRequest request(String task, Checkpoint... bases) {
    return new WorkspaceRequest(RUN, TaskId.of(task), List.of(bases));
  }

  /** Do a task: write one file, keep it and accept it. */
  static Checkpoint work(Workspace workspace, String path, String text)
      throws InterruptedException {
    write(workspace.directory(), path, text);
    return accept(workspace, "Write " + path);
  }

  static Checkpoint accept(Workspace workspace, String subject) throws InterruptedException {
    Checkpoint checkpoint = workspace.checkpoint(CommitMessage.of(subject));
    workspace.accept(checkpoint);
    return checkpoint;
  }

  static Merging merge(GitWorkspaces workspaces, String branch, Checkpoint... sources)
      throws InterruptedException {
    return workspaces.merge(
        new MergeRequest(
            RUN, TaskId.of("merge"), branch, List.of(sources), CommitMessage.of("Merge the work")));
  }

  static Merging.Candidate candidate(Merging merging) {
    assertThat(merging).isInstanceOf(Merging.Candidate.class);
    return (Merging.Candidate) merging;
  }

  interface Io<T> {
    T call() throws IOException;
  }

  static <T> T call(Io<T> io) {
    try {
      return io.call();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
