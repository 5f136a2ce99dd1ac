package dev.maestro.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.Maestro;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.approval.Shown;
import dev.maestro.attempt.Transcripts;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunState;
import dev.maestro.store.BlobId;
import dev.maestro.store.FileStore;
import dev.maestro.store.OpenReport;
import dev.maestro.store.RunIndex;
import dev.maestro.store.RunQuery;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreTransfer;
import dev.maestro.store.StoredEvent;
import dev.maestro.store.Verification;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Answers questions about a store, in words or as JSON lines, and takes down what people say. */
final class Operator {

  static final String HELP =
      """
      Look into a store, while its owner may be running; nothing is changed:

        inspect DIR                   what is in it, who has it open, which runs are refused and why
        runs DIR                      its runs, and which are left out; --state S, --pipeline P, --label NAME=VALUE, --tenant T
        show DIR RUN                  a run and its events; --tenant T
        transcript DIR RUN TASK [N]   what an agent did in an attempt, the last one unless said; --tenant T
        questions DIR [RUN]           what people are asked, of all runs unless one is named, and what they are shown; --tenant T
        verify DIR                    check every checksum
        receipts DIR [RUN]            check that no receipt of a gate was changed, taken out, put in or moved; --tenant T
        receipts FILE                 the same of a run that was exported, wherever the file was taken
        export DIR RUN FILE           a run with its blobs as JSON lines; --tenant T

      Say what only a person can know, while nobody has the store open; it is kept in audit.jsonl:

        forget DIR RUN --why TEXT     the run's file is lost for good; its name is free again; --tenant T
        vouch DIR RUN --why TEXT      the run's file is right, though the damaged log cannot prove it; --tenant T

        --json                        one JSON object a line

      Say something, while nobody has the store open; the run goes on from there when its owner recovers it.

        answer DIR RUN QUESTION yes|no|changes TEXT...
                                      --actor NAME, --seen HASH (of what the answer is about), --tenant T

      Exit codes: 0 done, 1 damage was found, there is no such run, or the run does not take the answer,
      2 bad arguments, 3 the store cannot be read.
      """;

  private static final String COMMANDS =
      "inspect, runs, show, transcript, questions, verify, receipts, export, answer, forget, vouch";

  private static final int DONE = 0;
  private static final int NOT_WELL = 1;
  private static final int BAD_ARGUMENTS = 2;
  private static final int UNREADABLE = 3;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;
  private final PrintStream err;

  Operator(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Do what was asked for; {@return the exit code} */
  int run(List<String> args) {
    try {
      return run(OperatorArguments.parse(args));
    } catch (UsageException | IllegalArgumentException e) {
      err.println(e.getMessage() + "; see --help");
      return BAD_ARGUMENTS;
    } catch (StoreException | IOException e) {
      err.println(e.getMessage());
      return UNREADABLE;
    }
  }

  private int run(OperatorArguments args) throws IOException {
    switch (args.command()) {
      case "inspect":
        args.requireWords(1, "DIR");
        return inspect(args);
      case "runs":
        args.requireWords(1, "DIR");
        return runs(args);
      case "show":
        args.requireWords(2, "DIR RUN");
        return show(args);
      case "transcript":
        args.requireAtLeast(3, "DIR RUN TASK");
        return transcript(args);
      case "verify":
        args.requireWords(1, "DIR");
        return verify(args);
      case "receipts":
        args.requireAtLeast(1, "DIR or FILE");
        return receipts(args);
      case "export":
        args.requireWords(3, "DIR RUN FILE");
        return export(args);
      case "questions":
        args.requireAtLeast(1, "DIR");
        return args.words().size() == 1 ? allQuestions(args) : questions(args);
      case "answer":
        args.requireAtLeast(4, "DIR RUN QUESTION yes|no|changes");
        return answer(args);
      case "forget":
        return say(args, FileStore::forget);
      case "vouch":
        return say(args, FileStore::vouch);
      case "help":
        out.print(HELP);
        return DONE;
      default:
        throw new UsageException(
            "there is no command " + args.command() + "; there are " + COMMANDS);
    }
  }

  private static Store open(OperatorArguments args) {
    // Who only reads takes no lease, so that no moment is ever looked at.
    return FileStore.readOnly(args.directory()).open(() -> Instant.EPOCH);
  }

  // ------------------------------------------------------------------ what a person says

  /** What is said of a run. */
  private interface Saying {
    void of(FileStore store, RunKey run, String why, InstantSource time);
  }

  private int say(OperatorArguments args, Saying what) {
    args.requireWords(2, "DIR RUN");
    RunKey run = args.run();
    // one that is not there would be made
    open(args).close();
    what.of(FileStore.at(args.directory()), run, args.why(), InstantSource.system());
    out.println("noted in " + args.directory().resolve("audit.jsonl"));
    return DONE;
  }

  // ------------------------------------------------------------------ inspect

  private int inspect(OperatorArguments args) throws IOException {
    try (Store store = open(args)) {
      Path directory = args.directory();
      ObjectNode answer = JSON.createObjectNode().put("directory", directory.toString());
      answer.put("format", firstLine(directory.resolve("format")).orElse("unknown"));
      owner(directory).ifPresent(owner -> answer.put("owner", owner));
      Map<String, Integer> states = new TreeMap<>();
      for (RunIndex run : store.find(RunQuery.all())) {
        states.merge(run.state(), 1, Integer::sum);
      }
      ObjectNode runs = answer.putObject("runs");
      states.forEach(runs::put);
      answer.put("records", store.records().size());
      for (String part : List.of("log", "runs", "blobs", "quarantine")) {
        size(directory.resolve(part), answer.putObject(part + " files"));
      }
      OpenReport report = store.openReport();
      List<Verification.Finding> refused = FileStore.at(directory).refusedRuns();
      answer.put("refused runs", refused.size());
      ArrayNode why = answer.putArray("refused");
      refused.forEach(finding -> why.add(finding.toString()));
      ArrayNode damages = answer.putArray("damages");
      report.damages().forEach(damage -> damages.add(damage.toString()));
      print(answer, args.json());
      return report.damages().isEmpty() && refused.isEmpty() ? DONE : NOT_WELL;
    }
  }

  private static Optional<String> owner(Path directory) throws IOException {
    Path file = directory.resolve("owner");
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.size() < 3) {
      return Optional.empty();
    }
    String owner = "process " + lines.get(0) + " on " + lines.get(1) + " since " + lines.get(2);
    boolean isHere = startOf(lines.get(0)).filter(lines.get(2)::equals).isPresent();
    return Optional.of(
        isHere
            ? owner
            : owner
                + ", which does not run here: it has ended, or the store was used from another machine");
  }

  private static Optional<String> startOf(String pid) {
    return Optional.of(pid)
        .filter(number -> number.matches("\\d{1,18}"))
        .flatMap(number -> ProcessHandle.of(Long.parseLong(number)))
        .flatMap(process -> process.info().startInstant())
        .map(Instant::toString);
  }

  private static Optional<String> firstLine(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file).stream().findFirst() : Optional.empty();
  }

  private static void size(Path directory, ObjectNode to) throws IOException {
    long count = 0;
    long bytes = 0;
    if (Files.isDirectory(directory)) {
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          count++;
          bytes += sizeOf(file);
        }
      }
    }
    to.put("count", count).put("bytes", bytes);
  }

  /** {@return the length of a file, none when its owner has deleted it meanwhile} */
  private static long sizeOf(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  private void print(ObjectNode answer, boolean json) {
    if (json) {
      out.println(answer);
    } else {
      answer.properties().forEach(e -> out.printf("%-17s %s%n", e.getKey(), plain(e.getValue())));
    }
  }

  private static String plain(JsonNode value) {
    return value.isTextual() ? value.asText() : value.toString().replaceAll("[{}\"\\[\\]]", "");
  }

  // ------------------------------------------------------------------ runs

  private int runs(OperatorArguments args) {
    try (Store store = open(args)) {
      for (RunIndex run : store.find(args.query())) {
        out.println(args.json() ? json(run) : line(run));
      }
    }
    List<Verification.Finding> refused = FileStore.at(args.directory()).refusedRuns();
    refused.forEach(finding -> err.println("left out: " + finding));
    return refused.isEmpty() ? DONE : NOT_WELL;
  }

  private static ObjectNode json(RunIndex run) {
    ObjectNode node = JSON.createObjectNode().put("tenant", run.run().tenant().value());
    node.put("run", run.run().run().value()).put("pipeline", run.pipeline());
    node.put("state", run.state()).put("open", run.open());
    node.put("startedAt", run.startedAt().toString()).put("updatedAt", run.updatedAt().toString());
    ObjectNode labels = node.putObject("labels");
    new TreeMap<>(run.labels()).forEach(labels::put);
    return node;
  }

  private static String line(RunIndex run) {
    String labels = run.labels().isEmpty() ? "" : "  " + new TreeMap<>(run.labels());
    return String.format(
        "%-40s %-10s %-20s started %s, changed %s%s",
        run.run(), run.state(), run.pipeline(), run.startedAt(), run.updatedAt(), labels);
  }

  // ------------------------------------------------------------------ one run

  private int show(OperatorArguments args) {
    try (Store store = open(args)) {
      Optional<RunIndex> index = store.index(args.run());
      List<StoredEvent> events = store.read(args.run(), 1);
      if (index.isEmpty() && events.isEmpty()) {
        return nothing(args);
      }
      index.ifPresent(run -> out.println(args.json() ? json(run) : line(run)));
      for (StoredEvent event : events) {
        out.println(args.json() ? json(event) : line(event));
      }
      return DONE;
    }
  }

  private int transcript(OperatorArguments args) {
    RunEventCodec codec = new RunEventCodec();
    try (Store store = open(args)) {
      List<RunEvent> events =
          store.read(args.run(), 1).stream().map(event -> codec.decode(event.envelope())).toList();
      if (events.isEmpty()) {
        return nothing(args);
      }
      TaskId task = TaskId.of(args.words().get(2));
      int attempt = args.attempt().orElseGet(() -> Transcripts.last(events, task));
      Optional<String> text = Transcripts.read(events, task, attempt, store);
      text.ifPresent(out::print);
      if (text.isEmpty()) {
        err.println(
            "nothing was written down of task "
                + task
                + (attempt == 0 ? "" : ", attempt " + attempt)
                + "; an engine writes what agents do when it is built with"
                + " transcripts(Transcripts.ON)");
      }
      return text.isPresent() ? DONE : NOT_WELL;
    }
  }

  private int nothing(OperatorArguments args) {
    err.println("there is no run " + args.run());
    return NOT_WELL;
  }

  private static String json(StoredEvent event) {
    ObjectNode head = JSON.createObjectNode().put("sequence", event.sequence());
    head.put("type", event.envelope().type()).put("version", event.envelope().version());
    head.put("at", event.envelope().at().toString());
    String text = head.toString();
    return text.substring(0, text.length() - 1) + ",\"json\":" + text(event) + "}";
  }

  private static String line(StoredEvent event) {
    return String.format(
        "%6d %s %-24s %s",
        event.sequence(), event.envelope().at(), event.envelope().type(), text(event));
  }

  private static String text(StoredEvent event) {
    return new String(event.envelope().json(), StandardCharsets.UTF_8);
  }

  // ------------------------------------------------------------------ people

  private static Maestro standBy(OperatorArguments args) {
    return Maestro.builder()
        .store(FileStore.at(args.directory()))
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(args.directory()))
        .standBy()
        .build();
  }

  /** Nobody has to close the store to see what it waits for. */
  private int questions(OperatorArguments args) {
    try (Store store = open(args)) {
      if (store.index(args.run()).isEmpty()) {
        return nothing(args);
      }
      for (Question question : asked(store, args.run())) {
        out.println(args.json() ? json(args.run(), question) : text(question));
      }
      return DONE;
    }
  }

  private int allQuestions(OperatorArguments args) {
    try (Store store = open(args)) {
      for (RunIndex run : store.find(args.query())) {
        if (!run.open()) {
          continue;
        }
        for (Question question : asked(store, run.run())) {
          out.println(args.json() ? json(run.run(), question) : run.run() + "  " + text(question));
        }
      }
      return DONE;
    }
  }

  private static Collection<Question> asked(Store store, RunKey run) {
    RunEventCodec codec = new RunEventCodec();
    RunState state = null;
    for (StoredEvent stored : store.read(run, 1)) {
      RunEvent event = codec.decode(stored.envelope());
      if (event instanceof RunEvent.RunStarted started) {
        state = RunState.before(pipeline(store, started.definition()));
      } else if (event instanceof RunEvent.Redefined redefined) {
        Objects.requireNonNull(state).learn(pipeline(store, redefined.definition().pipeline()));
      }
      Objects.requireNonNull(state).apply(event);
    }
    return state == null ? List.of() : state.questions();
  }

  private static Pipeline pipeline(Store store, BlobId definition) {
    return Pipeline.restore(
        store
            .blob(definition)
            .orElseThrow(() -> new StoreException("the pipeline " + definition + " is missing")));
  }

  private static ObjectNode json(RunKey run, Question question) {
    ObjectNode node = JSON.createObjectNode().put("tenant", run.tenant().value());
    node.put("run", run.run().value()).put("question", question.id().value());
    node.put("task", question.task().value()).put("kind", question.kind().name());
    node.put("text", question.text()).put("hash", question.hash());
    node.put("askedAt", question.askedAt().toString());
    if (question.shown() != null) {
      node.put("shown", question.shown().text());
    }
    if (question.answering().expiresAt() != null) {
      node.put("expiresAt", question.answering().expiresAt().toString());
    }
    return node;
  }

  private static String text(Question question) {
    Shown shown = question.shown();
    String expires =
        question.answering().expiresAt() == null
            ? ""
            : ", until " + question.answering().expiresAt();
    return question.id()
        + "  "
        + question.text()
        + System.lineSeparator()
        + (shown == null ? "" : shown.text().indent(4))
        + "    asked "
        + question.askedAt()
        + expires
        + ", seen as "
        + question.hash();
  }

  private int answer(OperatorArguments args) {
    Answer answer = args.answer();
    try (Maestro maestro = standBy(args)) {
      Optional<Run> run = maestro.find(args.run());
      if (run.isEmpty()) {
        return nothing(args);
      }
      QuestionId question = QuestionId.of(args.words().get(2));
      run.get().answer(question, answer, args.actor());
      out.println(question + " of " + args.run() + " is answered by " + args.actor());
      if (run.get().snapshot().status() == RunStatus.RUNNING) {
        out.println("it goes on when the application starts it again, or calls recover()");
      }
      return DONE;
    } catch (RefusedException e) {
      err.println(e.code() + ": " + e.getMessage());
      return NOT_WELL;
    }
  }

  private int export(OperatorArguments args) throws IOException {
    try (Store store = open(args)) {
      if (store.index(args.run()).isEmpty() && store.read(args.run(), 1, 1).isEmpty()) {
        return nothing(args);
      }
      Path file = Path.of(args.words().get(2));
      Replacement.write(file, to -> StoreTransfer.exportRun(store, args.run(), to));
      out.println(args.run() + " is in " + file);
      return DONE;
    }
  }

  // ------------------------------------------------------------------ verify

  private int receipts(OperatorArguments args) throws IOException {
    OperatorReceipts receipts = new OperatorReceipts(out, args.json());
    if (Files.isRegularFile(args.directory())) {
      return receipts.checkExport(args.directory()) ? DONE : NOT_WELL;
    }
    try (Store store = open(args)) {
      if (args.words().size() > 1) {
        return store.read(args.run(), 1, 1).isEmpty()
            ? nothing(args)
            : receipts.check(store, args.run()) ? DONE : NOT_WELL;
      }
      boolean whole = true;
      for (RunIndex run : store.find(args.query())) {
        whole &= receipts.check(store, run.run());
      }
      return whole ? DONE : NOT_WELL;
    }
  }

  private int verify(OperatorArguments args) {
    Verification found = FileStore.at(args.directory()).verify();
    if (args.json()) {
      ObjectNode answer = JSON.createObjectNode().put("intact", found.isIntact());
      answer.put("segments", found.segments()).put("batches", found.batches());
      answer.put("runs", found.runs()).put("blobs", found.blobs());
      answer.put("auditLines", found.auditLines());
      ArrayNode findings = answer.putArray("findings");
      for (Verification.Finding finding : found.findings()) {
        findings
            .addObject()
            .put("kind", finding.kind().name())
            .put("file", finding.file().toString())
            .put("offset", finding.offset())
            .put("what", finding.what());
      }
      out.println(answer);
    } else {
      out.printf(
          "%d batches in %d segments, %d files of runs, %d blobs, %d lines of the audit trail%n",
          found.batches(), found.segments(), found.runs(), found.blobs(), found.auditLines());
      found.findings().forEach(out::println);
      out.println(found.isIntact() ? "intact" : "DAMAGED");
    }
    return found.isIntact() ? DONE : NOT_WELL;
  }
}
