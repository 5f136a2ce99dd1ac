package dev.maestro.testing.crash;

import dev.maestro.store.Store;
import dev.maestro.testing.crash.CrashPoint.Kind;
import dev.maestro.testing.crash.CrashReport.Tried;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a pipeline of yours in JVMs of its own, kills them at the records of its journal, goes on in
 * fresh ones, and fails when anything comes out that would not have come out without a crash.
 *
 * <pre>{@code
 * @Test
 * void survivesEveryCrash() throws Exception {
 *   System.out.println(CrashMatrix.of(MyScenario.class).run());
 * }
 * }</pre>
 *
 * <p>A JVM is killed by itself ({@code Runtime.halt}) and from outside ({@code kill -9}), before
 * each record is handed to the store and after the store has said that it is durable. The next JVM
 * recovers, starts the run again as an application would, and answers its questions. Then:
 *
 * <ul>
 *   <li>the run, every task, its reason, evidence, gates and output, and what the scenario observes
 *       are as in a run that nobody disturbed;
 *   <li>the journal begins with everything that was durable at the kill, and has one end;
 *   <li>no task is dispatched or launched after its completion, and none that was completed at the
 *       kill has noted an execution since;
 *   <li>a task's launches are at most its attempts (with what a person granted), and at most one
 *       more than undisturbed;
 *   <li>a task that no kill cut off in a launch has used up what it uses undisturbed. One that was
 *       cut off is marked presumed, and costs at most as much more as its dearest attempt did, or
 *       as was put aside for it;
 *   <li>every answer that the run had taken is in the journal, and nothing is asked twice that
 *       shows the same;
 *   <li>what the run has done to budgets that runs share is what its tasks used up, and nothing is
 *       put aside any more;
 *   <li>no process is left in the run's directory.
 * </ul>
 *
 * <p>Numbers of attempts and times may differ, and nothing else.
 *
 * <p>After each halt that comes after a record, copies of the store are damaged. The last batch cut
 * at a byte must leave what was there before it, and a JVM that goes on from there must come to the
 * same end. One that finds the last batches zeroed, where the disk has lost what it had said to be
 * durable, may do work again, and may end in a failure that says what does not fit, but never in
 * another success. A batch that is missing in the middle, batches out of order, a flipped bit, a
 * missing or stale file bring either everything or a refusal that names the place and leaves the
 * other runs alone, never anything else.
 *
 * <p>By default a sample of {@value #DEFAULT_SAMPLE} kills is tried, chosen by a seed that the
 * report tells. Class path, JDK and working directory of the JVMs are those of the caller. Not safe
 * for use by several threads.
 */
public final class CrashMatrix {

  /** How many kills are tried unless told otherwise. */
  public static final int DEFAULT_SAMPLE = 12;

  /** How many JVMs run at a time unless told otherwise. */
  public static final int DEFAULT_PARALLEL = 2;

  /** How long a JVM may take unless told otherwise. */
  public static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(10);

  private static final String PREFIX = "crash-matrix-";
  private static final int SOME_CUTS = 12;
  private static final int SOME_FLIPS = 6;
  private static final int MANY_FLIPS = 40;

  private final Class<? extends CrashScenario> type;
  private final CrashScenario scenario;
  private int sample = DEFAULT_SAMPLE;
  private boolean everything;
  private int share = 1;
  private int shares = 1;
  private Set<Kind> kills =
      EnumSet.of(Kind.HALT_BEFORE, Kind.HALT_AFTER, Kind.KILL_BEFORE, Kind.KILL_AFTER);
  private long seed = ThreadLocalRandom.current().nextLong(1_000_000);
  private int parallel = DEFAULT_PARALLEL;
  private Duration patience = DEFAULT_PATIENCE;
  private List<String> options =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m");
  private @Nullable Path directory;

  private CrashMatrix(Class<? extends CrashScenario> type) {
    this.type = type;
    this.scenario = Scenarios.create(type);
  }

  /** {@return the matrix of this scenario, with every default} */
  public static CrashMatrix of(Class<? extends CrashScenario> scenario) {
    return new CrashMatrix(scenario);
  }

  /** Try so many kills, chosen by the seed, and a few damages after each. */
  public CrashMatrix sample(int kills) {
    if (kills < 1) {
      throw new IllegalArgumentException("at least one kill has to be tried, not " + kills);
    }
    sample = kills;
    everything = false;
    share = 1;
    shares = 1;
    return this;
  }

  /** Try every kill, and cut the store at every byte; {@link #share} tries a part of that. */
  public CrashMatrix everything() {
    everything = true;
    return this;
  }

  /**
   * Try one of so many equal shares of everything, which together are everything: for machines that
   * have not the time for all of it at once.
   *
   * @param which from 1 to {@code of}
   */
  public CrashMatrix share(int which, int of) {
    if (which < 1 || which > of) {
      throw new IllegalArgumentException("there is no share " + which + " of " + of);
    }
    share = which;
    shares = of;
    return everything();
  }

  /** Kill in these ways only; without {@link Kind#HALT_AFTER} no store is damaged. */
  public CrashMatrix only(Kind... ways) {
    List<Kind> kinds = List.of(ways);
    if (kinds.isEmpty() || !kinds.stream().allMatch(Kind::isKill)) {
      throw new IllegalArgumentException("these are not all ways to kill a JVM: " + kinds);
    }
    kills = EnumSet.copyOf(kinds);
    return this;
  }

  /** Choose by this seed; by default a new one is drawn for each matrix. */
  public CrashMatrix seed(long choice) {
    seed = choice;
    return this;
  }

  /** Let so many JVMs run at a time. */
  public CrashMatrix parallel(int jvms) {
    if (jvms < 1) {
      throw new IllegalArgumentException("at least one JVM has to run, not " + jvms);
    }
    parallel = jvms;
    return this;
  }

  /** Take a JVM that has not ended after this time for one that hangs. */
  public CrashMatrix patience(Duration limit) {
    patience = Objects.requireNonNull(limit, "limit");
    return this;
  }

  /** Start JVMs with these options instead of ours, which have them start quickly. */
  public CrashMatrix jvmOptions(String... instead) {
    options = List.of(instead);
    return this;
  }

  /**
   * Work in a new directory inside of this one, which is made where it is missing; by default among
   * the temporary ones. What else stands in it is left alone.
   */
  public CrashMatrix in(Path place) {
    directory = Objects.requireNonNull(place, "place");
    return this;
  }

  /**
   * Run it. The directory made for it goes when every point ended as it should; otherwise what
   * belongs to the points that did not is kept.
   *
   * @throws AssertionError when a point ended in anything that no rule allows, or none was reached
   * @throws IllegalStateException when the scenario cannot be run undisturbed, or two undisturbed
   *     runs of it differ
   */
  public CrashReport run() throws IOException, InterruptedException {
    Path root = newDirectory();
    ChildJvm jvms = new ChildJvm(type.getName(), options, patience);
    Place template = prepare(new Place(root.resolve("template")));
    Facts undisturbed = undisturbed(jvms, template, new Place(root.resolve("undisturbed")));
    KillTrial.Setup setup =
        new KillTrial.Setup(
            scenario,
            jvms,
            template,
            undisturbed,
            everything ? Integer.MAX_VALUE : SOME_CUTS,
            everything ? MANY_FLIPS : SOME_FLIPS);
    List<Tried> tried = new ArrayList<>(damages() ? afterTheEnd(root) : List.of());
    List<JournalPlace> records = undisturbed.places();
    tried.addAll(tryAll(trials(root, setup, records)));
    CrashReport report =
        new CrashReport(
            scenario.pipeline().name(),
            undisturbed.requireRun().status(),
            records.size(),
            all(records).size(),
            seed,
            tried);
    report.orThrow();
    Place.delete(root);
    return report;
  }

  private Path newDirectory() throws IOException {
    if (directory == null) {
      return Files.createTempDirectory(PREFIX).toRealPath();
    }
    return Files.createTempDirectory(Files.createDirectories(directory), PREFIX).toRealPath();
  }

  // ------------------------------------------------------------------ undisturbed

  private Place prepare(Place template) throws IOException {
    scenario.prepare(Files.createDirectories(template.world()));
    Content.addBystander(template.store());
    return template;
  }

  private Facts undisturbed(ChildJvm jvms, Place template, Place place)
      throws IOException, InterruptedException {
    Facts first = undisturbedOnce(jvms, template, new Place(place.directory().resolve("first")));
    Facts second = undisturbedOnce(jvms, template, place);
    List<String> differences = new Comparison(first).ofEnds(second);
    if (!differences.isEmpty()) {
      throw new IllegalStateException(
          "two undisturbed runs differ, so nothing can be compared: " + differences);
    }
    return first;
  }

  private Facts undisturbedOnce(ChildJvm jvms, Place template, Place place)
      throws IOException, InterruptedException {
    place.copyFrom(template);
    ChildJvm.Fate fate = jvms.run(place);
    if (fate != ChildJvm.Fate.ENDED) {
      throw new IllegalStateException(
          "the scenario cannot be run undisturbed: the JVM "
              + fate
              + "\n"
              + Files.readString(place.log()));
    }
    if (Facts.atKill(place, scenario).snapshot() == null) {
      throw new IllegalStateException(
          "the scenario cannot be run undisturbed: its JVM ended before there was a run");
    }
    return Facts.atEnd(place, scenario);
  }

  private boolean damages() {
    return share == 1 && kills.contains(Kind.HALT_AFTER);
  }

  /** Damage the store of a run that has ended and was closed. */
  private List<Tried> afterTheEnd(Path root) throws IOException {
    Place ended = new Place(root.resolve("undisturbed"));
    StoreDamage damage =
        new StoreDamage(ended.store(), ended.directory().resolve("scratch"), "closed");
    damage.flip(everything ? MANY_FLIPS * 10 : SOME_FLIPS * 4, new Random(seed));
    damage.flipFiles(everything ? MANY_FLIPS : SOME_FLIPS, new Random(seed));
    damage.flipBlobs(new Random(seed));
    damage.missing();
    damage.missingBlobs();
    List<Tried> tried = new ArrayList<>(damage.tried());
    tried.addAll(afterTidying(ended));
    return tried;
  }

  /** Damage it once more when the runs that have ended lie in files of their own. */
  private List<Tried> afterTidying(Place ended) throws IOException {
    try (Store store = Content.store(ended.store()).open(InstantSource.system())) {
      store.maintain();
    }
    StoreDamage damage =
        new StoreDamage(ended.store(), ended.directory().resolve("tidied"), "tidied up");
    damage.flipFiles(everything ? MANY_FLIPS : SOME_FLIPS, new Random(seed));
    damage.missing();
    return damage.tried();
  }

  // ------------------------------------------------------------------ kills

  private record Kill(Kind kind, JournalPlace record) {}

  /** One kind after the other, so that every share has some of each: they take unequal times. */
  private List<Kill> all(List<JournalPlace> records) {
    return kills.stream()
        .flatMap(kind -> records.stream().map(record -> new Kill(kind, record)))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private List<KillTrial> trials(Path root, KillTrial.Setup setup, List<JournalPlace> records) {
    List<Kill> chosen = all(records);
    if (!everything) {
      Collections.shuffle(chosen, new Random(seed));
      chosen = chosen.subList(0, Math.min(sample, chosen.size()));
    }
    List<KillTrial> trials = new ArrayList<>();
    for (int i = share - 1; i < chosen.size(); i += shares) {
      Place place = new Place(root.resolve("point-" + (i + 1)));
      Kill kill = chosen.get(i);
      trials.add(new KillTrial(setup, place, kill.kind(), kill.record(), new Random(seed + i)));
    }
    return trials;
  }

  private List<Tried> tryAll(List<KillTrial> trials) throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(parallel);
    List<Tried> tried = new ArrayList<>();
    try {
      for (Future<List<Tried>> one :
          threads.invokeAll(trials.stream().map(CrashMatrix::call).toList())) {
        tried.addAll(one.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("a point could not be tried: " + e.getCause(), e.getCause());
    } finally {
      threads.shutdownNow();
    }
    return tried;
  }

  private static Callable<List<Tried>> call(KillTrial trial) {
    return trial::run;
  }
}
