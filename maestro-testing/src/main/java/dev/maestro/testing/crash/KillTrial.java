package dev.maestro.testing.crash;

import dev.maestro.store.StoreException;
import dev.maestro.task.RunStatus;
import dev.maestro.testing.crash.CrashPoint.Kind;
import dev.maestro.testing.crash.CrashReport.Tried;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Tries one point: a JVM is killed there, another goes on, and what came of it is compared; where
 * the kill came after a record, the store as it then was is damaged, too.
 */
final class KillTrial {

  private static final int TRIES = 2;
  private static final int LAST_BATCHES = 4;

  private final Setup setup;
  private final Place place;
  private final Kind kind;
  private final JournalPlace record;
  private final Random random;
  private final List<Tried> tried = new ArrayList<>();

  /**
   * What all trials of a matrix have in common.
   *
   * @param scenario what is run
   * @param jvms start its JVMs
   * @param template what a run begins with
   * @param undisturbed what a run comes to
   * @param cuts at how many bytes of a batch the store is cut at most
   * @param flips how many bits of a store are flipped
   */
  record Setup(
      CrashScenario scenario,
      ChildJvm jvms,
      Place template,
      Facts undisturbed,
      int cuts,
      int flips) {}

  KillTrial(Setup setup, Place place, Kind kind, JournalPlace record, Random random) {
    this.setup = setup;
    this.place = place;
    this.kind = kind;
    this.record = record;
    this.random = random;
  }

  List<Tried> run() throws IOException, InterruptedException {
    ChildJvm.Fate fate = ChildJvm.Fate.ENDED;
    for (int left = TRIES; left > 0 && fate == ChildJvm.Fate.ENDED; left--) {
      place.delete();
      place.copyFrom(setup.template());
      fate = setup.jvms().runTo(place, kind, record);
    }
    switch (fate) {
      case KILLED -> goOn();
      case ENDED -> notReached();
      case FAILED, HUNG -> note(kind, List.of("the JVM to be killed " + fate + ": see its log"));
    }
    if (tried.stream().allMatch(one -> one.kept() == null)) {
      place.delete();
    }
    return tried;
  }

  /** A run in which this record never comes is no less a run. */
  private void notReached() throws IOException {
    List<String> problems =
        new Comparison(setup.undisturbed()).ofEnds(Facts.atEnd(place, setup.scenario()));
    tried.add(
        new Tried(
            new CrashPoint(kind, record.toString()),
            problems.isEmpty() ? CrashEnding.NOT_REACHED : CrashEnding.DIFFERENT,
            problems,
            problems.isEmpty() ? null : place.directory()));
  }

  private void goOn() throws IOException, InterruptedException {
    Facts atKill = Facts.atKill(place, setup.scenario());
    List<String> problems = new ArrayList<>();
    boolean durable = atKill.places().contains(record);
    if (durable != kind.isAfter()) {
      problems.add(durable ? "the record is durable already" : "the record is not durable");
    }
    boolean damages = kind == Kind.HALT_AFTER;
    if (damages) {
      place.takeImage();
    }
    problems.addAll(endAfter(atKill));
    note(kind, problems);
    if (damages && problems.isEmpty()) {
      damage();
    }
  }

  /** Go on in a fresh JVM. */
  private List<String> endAfter(Facts atKill) throws IOException, InterruptedException {
    ChildJvm.Fate fate = setup.jvms().run(place);
    if (fate != ChildJvm.Fate.ENDED) {
      return List.of("the JVM that went on " + fate + ": see its log");
    }
    Comparison comparison = new Comparison(setup.undisturbed());
    Facts end = Facts.atEnd(place, setup.scenario());
    List<String> problems = new ArrayList<>(comparison.ofEnds(end));
    problems.addAll(comparison.ofHistories(atKill, end));
    problems.addAll(Leftovers.in(place.directory()));
    return problems;
  }

  private void note(Kind what, List<String> problems) {
    CrashEnding ending = problems.isEmpty() ? CrashEnding.SAME : CrashEnding.DIFFERENT;
    Path kept = problems.isEmpty() ? null : place.directory();
    tried.add(new Tried(new CrashPoint(what, record.toString()), ending, problems, kept));
  }

  // ------------------------------------------------------------------ damage

  private void damage() throws IOException, InterruptedException {
    Path scratch = place.directory().resolve("scratch");
    StoreDamage atKill = new StoreDamage(place.storeOfImage(), scratch, record.toString());
    atKill.cut(setup.cuts(), random);
    atKill.flip(setup.flips(), random);
    atKill.disorder(LAST_BATCHES);
    atKill.missing();
    tried.addAll(atKill.tried());
    // what the store is like once it was opened and closed at this point
    Path closed = place.directory().resolve("closed");
    Place.copy(place.storeOfImage(), closed);
    Content.of(closed);
    StoreDamage ended = new StoreDamage(place.store(), scratch, "end after " + record);
    ended.stale(closed);
    ended.flipFiles(1, random);
    tried.addAll(ended.tried());
    runOn(Kind.CUT_AND_RUN, 1);
    runOn(Kind.ZEROED, 1 + random.nextInt(LAST_BATCHES - 1));
  }

  /** Put world and store back to where the kill left them, damage the tail, and go on. */
  private void runOn(Kind what, int batches) throws IOException, InterruptedException {
    place.putBack();
    Batches log = Batches.last(place.store());
    int lost = Math.min(batches, log.count());
    int from = log.startOfLast(lost);
    int at = what == Kind.CUT_AND_RUN ? from + random.nextInt(log.end() - from) : from;
    Files.write(log.file(), log.zeroed(at, log.end()));
    if (lost == 1) {
      log.forgetProof(place.store());
      note(what, endAfter(Facts.atKill(place, setup.scenario())));
    } else {
      noteAfterALoss(what);
    }
  }

  /**
   * A disk that lost what it had said to be durable has lost what the rules rest on: work may be
   * done again, a run that finds its world ahead of its journal may say that it cannot go on, and a
   * store that can prove the loss refuses.
   */
  private void noteAfterALoss(Kind what) throws IOException, InterruptedException {
    ChildJvm.Fate fate = setup.jvms().run(place);
    CrashPoint point = new CrashPoint(what, record.toString());
    try {
      Facts end = Facts.atEnd(place, setup.scenario());
      if (fate != ChildJvm.Fate.ENDED) {
        note(what, List.of("the JVM that went on " + fate + ": see its log"));
      } else if (end.snapshot() != null && end.snapshot().status() != RunStatus.SUCCEEDED) {
        tried.add(new Tried(point, CrashEnding.REFUSED, List.of(), null));
      } else {
        note(what, new Comparison(setup.undisturbed()).ofEnds(end));
      }
    } catch (StoreException e) {
      boolean tellsThePlace = String.valueOf(e.getMessage()).contains(place.store().toString());
      if (tellsThePlace) {
        tried.add(new Tried(point, CrashEnding.REFUSED, List.of(), null));
      } else {
        note(what, List.of("refused without a place: " + e.getMessage()));
      }
    }
  }
}
