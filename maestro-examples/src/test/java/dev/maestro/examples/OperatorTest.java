package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.RunResult;
import dev.maestro.attempt.Transcripts;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.Commit;
import dev.maestro.store.Envelope;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.RunIndex;
import dev.maestro.store.Store;
import dev.maestro.store.StoreTransfer;
import dev.maestro.store.StoredEvent;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operators' command line beside the engine that owns the store: as a process where it matters,
 * and in this JVM, which takes a tenth of the time, where only the words do.
 */
@Timeout(300)
class OperatorTest {

  @TempDir Path directory;
  private Maestro maestro;

  private record Answer(int code, List<String> lines) {}

  private Path store() {
    return directory.resolve("store");
  }

  private Maestro open() {
    return Maestro.builder()
        .store(FileStore.at(store()))
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .step("hello", "1", context -> "hello")
        .build();
  }

  @BeforeEach
  void run() throws InterruptedException {
    maestro = open();
    Pipeline greeting = Pipeline.named("greeting").step("greet", s -> s.code("hello", "1")).build();
    Pipeline asking = Pipeline.named("asking").step("ask", s -> s.approval("Go on?")).build();
    RunResult ended = maestro.start(greeting, RunId.of("a"), Inputs.none()).await();
    assertThat(ended.status()).isEqualTo(RunStatus.SUCCEEDED);
    maestro.start(asking, RunId.of("b"), Inputs.none()).await();
    maestro.maintain();
  }

  @AfterEach
  void close() {
    maestro.close();
  }

  private static Answer operator(String... args) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8);
    int code = new Operator(both, both).run(List.of(args));
    return new Answer(code, said.toString(StandardCharsets.UTF_8).lines().toList());
  }

  private static Answer operatorProcess(String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(OperatorMain.class.getName());
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    return new Answer(process.waitFor(), lines);
  }

  @Test
  void listsRunsWhileTheirEngineIsRunning() throws Exception {
    Answer all = operatorProcess("runs", store().toString());
    assertThat(all.code()).isZero();
    assertThat(all.lines()).hasSize(2);
    assertThat(all.lines().get(0)).contains("default/a", "SUCCEEDED", "greeting");

    Answer waiting = operator("runs", store().toString(), "--state", "WAITING", "--json");
    assertThat(waiting.code()).isZero();
    assertThat(waiting.lines())
        .singleElement()
        .asString()
        .startsWith("{\"tenant\":\"default\",\"run\":\"b\",\"pipeline\":\"asking\"");
  }

  @Test
  void takesNoTypingErrorForAnAnswerOfNoRuns() {
    assertThat(operator("runs", store().toString(), "--state", "waiting").lines())
        .singleElement()
        .asString()
        .startsWith("default/b ");

    Answer misspelt = operator("runs", store().toString(), "--state", "WAITIN");
    assertThat(misspelt.code()).isEqualTo(2);
    assertThat(misspelt.lines().get(0))
        .startsWith("there is no state WAITIN; there are [PENDING, RUNNING, WAITING,");
    assertThat(code("runs", store().toString(), "--tenant", "a b")).isEqualTo(2);
    assertThat(operator("runs", store().toString(), "--tenant", "other"))
        .isEqualTo(new Answer(0, List.of()));
  }

  @Test
  void showsARunThatHasEndedAndOneThatHasNot() throws Exception {
    for (String run : List.of("a", "b")) {
      Answer shown = operator("show", store().toString(), run);
      assertThat(shown.code()).isZero();
      assertThat(shown.lines()).hasSizeGreaterThan(2);
      assertThat(shown.lines().get(1)).contains("     1 ");
    }
    Answer nobody = operator("show", store().toString(), "nobody");
    assertThat(nobody.code()).isEqualTo(1);
    assertThat(nobody.lines()).containsExactly("there is no run default/nobody");
  }

  @Test
  void takesAPersonsWordForARunWhoseFileIsLost() throws Exception {
    assertThat(code("forget", store().toString(), "a", "--why", "in use")).isEqualTo(3);
    maestro.close();
    assertThat(code("forget", store().toString(), "a")).isEqualTo(2);
    assertThat(code("forget", store().toString(), "a", "--why", "there")).isEqualTo(3);
    assertThat(code("vouch", store().toString(), "a", "--why", "no doubt")).isEqualTo(3);
    assertThat(code("vouch", directory + "/none", "a", "--why", "typed")).isEqualTo(3);
    assertThat(directory.resolve("none")).doesNotExist();
    Files.delete(store().resolve("runs/default/a.jsonl"));

    assertThat(code("forget", store().toString(), "a", "--why", "the disk was lost")).isZero();

    assertThat(Files.readString(store().resolve("audit.jsonl"))).contains("the disk was lost");
    assertThat(code("show", store().toString(), "a")).isEqualTo(1);
  }

  private static int code(String... args) {
    return operator(args).code();
  }

  @Test
  void showsWhatAnAgentDid() throws Exception {
    maestro.close();
    try (Maestro recording =
        Maestro.builder()
            .store(FileStore.at(store()))
            .discoverNothing()
            .workspaces(DirectoryWorkspaces.at(directory))
            .transcripts(Transcripts.ON)
            .provider(ScriptedAgent.named("x").otherwise(Turn.says("It is made.")).build())
            .build()) {
      Pipeline making =
          Pipeline.named("making").step("make", s -> s.agent("x").prompt("Make it")).build();
      recording.start(making, RunId.of("c"), Inputs.none()).await();
    }

    Answer answer = operator("transcript", store().toString(), "c", "make");

    assertThat(answer.code()).isZero();
    assertThat(String.join("\n", answer.lines()))
        .startsWith("# c / make, attempt 1")
        .contains("Make it", "It is made.");
    assertThat(code("transcript", store().toString(), "c", "make", "2")).isEqualTo(1);
    assertThat(code("transcript", store().toString(), "nobody", "make")).isEqualTo(1);
    assertThat(operator("transcript", store().toString(), "b", "ask").lines().get(0))
        .startsWith("nothing was written down of task ask; ");
    Answer second = operator("transcript", store().toString(), "c", "make", "two");
    assertThat(second.code()).isEqualTo(2);
    assertThat(second.lines().get(0)).isEqualTo("an attempt is a number, not two; see --help");
  }

  @Test
  void saysWhatIsThereAndWhoHasIt() throws Exception {
    Answer answer = operatorProcess("inspect", store().toString());

    assertThat(answer.code()).isZero();
    assertThat(answer.lines())
        .anyMatch(line -> line.matches("format +format=2"))
        .anyMatch(line -> line.matches(".* process " + ProcessHandle.current().pid() + " [^,]*"))
        .anyMatch(line -> line.matches("runs +SUCCEEDED:1,WAITING:1"));
  }

  @Test
  void saysThatWhoHadItIsGone() throws Exception {
    maestro.close();
    Files.write(store().resolve("owner"), List.of("1", "here", "1999-12-31T23:59:59Z"));

    assertThat(operator("inspect", store().toString()).lines())
        .anyMatch(
            line ->
                line.endsWith(
                    "process 1 on here since 1999-12-31T23:59:59Z, which does not run here: it has"
                        + " ended, or the store was used from another machine"));
  }

  @Test
  void verifiesAndSaysWhereTheDamageIs() throws Exception {
    assertThat(operator("verify", store().toString()).lines()).contains("intact");
    Path file = store().resolve("runs/default/a.jsonl");
    byte[] bytes = Files.readAllBytes(file);
    bytes[300] ^= 1;
    Files.write(file, bytes);

    Answer damaged = operator("verify", store().toString());
    assertThat(damaged.code()).isEqualTo(1);
    assertThat(damaged.lines()).anyMatch(line -> line.startsWith("RUN " + file + " at offset"));
    assertThat(operator("verify", store().toString(), "--json").lines().get(0))
        .contains("\"intact\":false", "\"kind\":\"RUN\"");
  }

  @Test
  void exportsWhatAnotherStoreCanImport() throws Exception {
    Path file = directory.resolve("a.jsonl");
    assertThat(operator("export", store().toString(), "a", file.toString()).code()).isZero();

    Store other = InMemoryStore.create().open(() -> Instant.EPOCH);
    try (InputStream in = Files.newInputStream(file)) {
      StoreTransfer.importRun(other, in);
    }
    try (Store mine = FileStore.readOnly(store()).open(() -> Instant.EPOCH)) {
      assertThat(other.index(maestro.find(RunId.of("a")).orElseThrow().key()))
          .isEqualTo(mine.index(maestro.find(RunId.of("a")).orElseThrow().key()));
    }
    assertThat(StoreTransfer.summary(other).blobs()).isPositive();
  }

  @Test
  void answersWhatARunAskedInAProcessThatIsGoneAndTheNextGoesOn() throws Exception {
    Pipeline pipeline =
        Pipeline.named("release")
            .step("ask", s -> s.approval("Release it?"))
            .step("greet", s -> s.code("hello", "1").after("ask"))
            .build();
    maestro.start(pipeline, RunId.of("c"), Inputs.none()).await();
    assertThat(operator("questions", store().toString(), "c").lines().get(0))
        .as("to look at questions, nobody has to close the store")
        .isEqualTo("ask.1  Release it?");
    assertThat(operator("answer", store().toString(), "c", "ask.1", "yes").code()).isEqualTo(3);
    maestro.close();

    assertThat(operator("questions", store().toString()).lines())
        .filteredOn(line -> line.startsWith("default/"))
        .containsExactlyInAnyOrder("default/b  ask.1  Go on?", "default/c  ask.1  Release it?");
    Answer asked = operator("questions", store().toString(), "c");
    assertThat(asked.code()).isZero();
    assertThat(asked.lines().get(0)).isEqualTo("ask.1  Release it?");
    String seen = asked.lines().get(1).replaceAll(".*seen as ", "");
    String[] answer = {"answer", store().toString(), "c", "ask.1", "yes", "--actor", "ann"};
    assertThat(operator(with(answer, "--seen", "else")).lines().get(0)).startsWith("stale: ");
    Answer given = operatorProcess(with(answer, "--seen", seen));
    assertThat(given.code()).isZero();
    assertThat(given.lines())
        .as("who answered is told that nothing is at work yet")
        .containsExactly(
            "ask.1 of default/c is answered by ann",
            "it goes on when the application starts it again, or calls recover()");
    Answer again = operator(answer);
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.lines().get(0)).startsWith("unknown-question: ");

    maestro = open();
    maestro.recover();
    RunResult released = maestro.find(RunId.of("c")).orElseThrow().await();
    assertThat(released.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  private static String[] with(String[] words, String... more) {
    return Stream.of(words, more).flatMap(Stream::of).toArray(String[]::new);
  }

  @Test
  void exportsNothingOverAFileWhenTheRunIsDamaged() throws Exception {
    Path file = directory.resolve("a.jsonl");
    Files.writeString(file, "an earlier export");
    damage(store().resolve("runs/default/a.jsonl"), -20);

    assertThat(operator("export", store().toString(), "a", file.toString()).code()).isEqualTo(3);
    assertThat(file).hasContent("an earlier export");
    try (Stream<Path> beside = Files.list(directory)) {
      assertThat(beside.map(Path::getFileName).map(Path::toString))
          .filteredOn(name -> name.startsWith("a.jsonl"))
          .containsExactly("a.jsonl");
    }
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertThat(operator("export", store().toString(), "a", link.toString()).code()).isEqualTo(3);
    assertThat(file).hasContent("an earlier export");
    assertThat(operator("export", store().toString(), "b", link.toString()).code()).isZero();
    assertThat(file).content().startsWith("{\"crc\"");
  }

  @Test
  void saysWhichRunsAreRefused() throws Exception {
    damage(store().resolve("runs/default/a.jsonl"), 100);
    Answer damaged = operator("inspect", store().toString());
    assertThat(damaged.code()).isEqualTo(1);
    assertThat(damaged.lines())
        .anyMatch(line -> line.matches("refused runs +1"))
        .anyMatch(line -> line.startsWith("refused ") && line.contains("a.jsonl"));

    Files.delete(store().resolve("runs/default/a.jsonl"));
    Answer missing = operator("inspect", store().toString(), "--json");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.lines().get(missing.lines().size() - 1))
        .contains("\"refused runs\":1", "run default/a has ended, and its file is missing");
    Answer runs = operator("runs", store().toString());
    assertThat(runs.code()).isEqualTo(1);
    assertThat(runs.lines())
        .anyMatch(line -> line.startsWith("default/b"))
        .anyMatch(line -> line.startsWith("left out: MISSING") && line.contains("default/a"));
  }

  private static void damage(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void explainsItselfWhenItIsNotUnderstood() throws Exception {
    for (String[] args : List.of(new String[] {}, new String[] {"dance"}, new String[] {"show"})) {
      Answer answer = operator(args);
      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.lines()).singleElement().asString().endsWith("; see --help");
    }
    assertThat(operator("dance").lines().get(0))
        .startsWith("there is no command dance; there are inspect, runs, ");
    for (String[] args : List.of(new String[] {"--help"}, new String[] {"show", "--help"})) {
      Answer help = operator(args);
      assertThat(help.code()).isZero();
      assertThat(help.lines()).anyMatch(line -> line.contains("verify DIR"));
    }
    String[] words = {
      "answer", store().toString(), "c", "ask.1", "changes", "tell", "of", "--help"
    };
    Answer unsaid = operator(words);
    assertThat(unsaid.code()).as("an answer that is not given is no success").isEqualTo(2);
    assertThat(unsaid.lines()).containsExactly("there is no option --help; see --help");
    Answer nothing = operatorProcess("runs", directory.resolve("none").toString());
    assertThat(nothing.code()).isEqualTo(3);
    assertThat(nothing.lines()).anyMatch(line -> line.contains("there is no store in"));
  }

  @Test
  void changesNothing() throws Exception {
    List<String> before = listing();
    for (String command : List.of("inspect", "runs", "verify")) {
      operator(command, store().toString());
    }
    assertThat(listing()).isEqualTo(before);
  }

  private List<String> listing() throws IOException {
    try (Stream<Path> files = Files.walk(store())) {
      return files
          .map(file -> file + " " + file.toFile().length() + " " + file.toFile().lastModified())
          .sorted()
          .toList();
    }
  }

  // ------------------------------------------------------------------ receipts

  private Path checkedAndExported() throws Exception {
    maestro.close();
    try (Maestro checking =
        Maestro.builder()
            .store(FileStore.at(store()))
            .discoverNothing()
            .workspaces(DirectoryWorkspaces.at(directory))
            .gate("there", "1", subject -> GateCheck.Finding.pass())
            .build()) {
      Pipeline checked =
          Pipeline.named("checked")
              .step("work", s -> s.command("touch", "made.txt").gate(Gate.code("there", "1")))
              .build();
      assertThat(checking.start(checked, RunId.of("c"), Inputs.none()).await().status())
          .isEqualTo(RunStatus.SUCCEEDED);
    }
    Path file = directory.resolve("c.jsonl");
    assertThat(code("export", store().toString(), "c", file.toString())).isZero();
    return file;
  }

  private static String receipts(int code, String... args) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    List<String> all = new ArrayList<>(List.of("receipts"));
    all.addAll(List.of(args));
    assertThat(new Operator(out, out).run(all)).isEqualTo(code);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void checksReceiptsInTheStoreAndInAnExport() throws Exception {
    Path file = checkedAndExported();

    String inStore = receipts(0, store().toString(), "c");
    assertThat(inStore).contains("default/c: 1 receipts chained, last ");
    assertThat(receipts(0, file.toString())).isEqualTo(inStore);
    assertThat(receipts(0, store().toString(), "--json").lines()).hasSize(3);
    assertThat(receipts(1, store().toString(), "nobody"))
        .contains("there is no run default/nobody");
  }

  @Test
  void namesAReceiptThatSomebodyChangedInAnExportWhoseChecksumsFit() throws Exception {
    Path file = checkedAndExported();
    Path forged = directory.resolve("forged.jsonl");
    try (Store original = InMemoryStore.create().open(() -> Instant.EPOCH);
        Store copy = InMemoryStore.create().open(() -> Instant.EPOCH);
        InputStream in = Files.newInputStream(file);
        OutputStream out = Files.newOutputStream(forged)) {
      RunKey run = StoreTransfer.importRun(original, in);
      List<Envelope> events = original.read(run, 1).stream().map(OperatorTest::forge).toList();
      RunIndex index = original.index(run).orElseThrow();
      copy.commit(List.of(new Commit(run, 0, 0, events, index, List.of())));
      StoreTransfer.exportRun(copy, run, out);
    }

    assertThat(receipts(1, forged.toString()))
        .contains("ALTERED at event", "receipt 1, of gate 'all tests' of task work, attempt 1");
  }

  private static Envelope forge(StoredEvent event) {
    Envelope was = event.envelope();
    String json = new String(was.json(), StandardCharsets.UTF_8);
    String forged = json.replace("\"gate\":\"there\"", "\"gate\":\"all tests\"");
    return new Envelope(
        was.type(), was.version(), was.at(), forged.getBytes(StandardCharsets.UTF_8));
  }
}
