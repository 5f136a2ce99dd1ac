package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.gate.Receipt;
import dev.maestro.run.ReceiptChain.Kind;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.Checkpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** No receipt of a run is changed, taken out, put in or moved without being found and named. */
class ReceiptChainTest {

  // one of an attempt that fails, two, three, and one of the merge
  private static final int RECEIPTS = 7;

  private static Receipt receipt(String gate, boolean passed) {
    return new Receipt(
        gate,
        List.of("sh", gate),
        passed,
        passed ? 0 : 1,
        "tree-" + gate,
        "0".repeat(63) + gate.length(),
        "the end of " + gate,
        Scenario.EPOCH,
        Duration.ofMillis(1_500));
  }

  private static Scenario checked(Scenario run, String task, Receipt... receipts) {
    List<Receipt> all = List.of(receipts);
    Trouble trouble =
        all.stream().allMatch(Receipt::passed) ? null : Trouble.of(Reason.GATE_FAILED, "red");
    int attempt = run.run.task(task).attempt;
    return run.feed(run.verify(task, attempt, all, trouble, null));
  }

  /** Two tasks, one of which is tried twice and merged. */
  private static Scenario atWork() {
    Scenario run =
        Scenario.started(
            Steps.agent("a").attempts(2), Steps.agent("b").after("a").mergeInto("main"));
    checked(run.work("a").acted("a"), "a", receipt("first", false));
    checked(run.work("a").acted("a"), "a", receipt("again", true), receipt("more", true));
    run.work("b").acted("b");
    checked(run, "b", receipt("x", true), receipt("yy", true), receipt("zzz", true));
    return run.preparesMerge("b");
  }

  private static final List<RunRecord> JOURNAL =
      atWork().merges("b").is(RunStatus.SUCCEEDED).run.records();

  private static List<RunRecord> journal() {
    return new ArrayList<>(JOURNAL);
  }

  @Example
  void whatNobodyTouchedIsWhole() {
    ReceiptChain chain = ReceiptChain.check(journal());

    assertThat(chain.findings()).isEmpty();
    assertThat(chain.chained()).isEqualTo(RECEIPTS);
    assertThat(chain.unchained()).isZero();
    assertThat(ReceiptChain.check(atWork().run.records()).isIntact()).isTrue();
  }

  @Example
  void whatAForkTookAlongIsInItsOwnChain() {
    Scenario fork = ForkTest.forked(atWork().merges("b"), "b");

    ReceiptChain chain = ReceiptChain.check(fork.run.records());

    assertThat(chain.isIntact()).isTrue();
    assertThat(chain.chained()).isEqualTo(2);
  }

  // ------------------------------------------------------------------ what is changed

  private enum Field {
    GATE(r -> copy(r, r.gate() + "x", r.command(), r.passed(), r.exitCode(), r.tree())),
    COMMAND(r -> copy(r, r.gate(), List.of("another"), r.passed(), r.exitCode(), r.tree())),
    PASSED(r -> copy(r, r.gate(), r.command(), !r.passed(), r.exitCode(), r.tree())),
    EXIT(r -> copy(r, r.gate(), r.command(), r.passed(), null, r.tree())),
    TREE(r -> copy(r, r.gate(), r.command(), r.passed(), r.exitCode(), "another")),
    OUTPUT(r -> said(r, "f".repeat(64), r.excerpt(), r.duration())),
    EXCERPT(r -> said(r, r.outputHash(), "green", r.duration())),
    DURATION(r -> said(r, r.outputHash(), r.excerpt(), Duration.ZERO));

    private final UnaryOperator<Receipt> change;

    Field(UnaryOperator<Receipt> change) {
      this.change = change;
    }

    private static Receipt copy(
        Receipt r, String gate, List<String> command, boolean passed, Integer exit, String tree) {
      return new Receipt(
          gate,
          command,
          passed,
          exit,
          tree,
          r.outputHash(),
          r.excerpt(),
          r.startedAt(),
          r.duration());
    }

    private static Receipt said(Receipt r, String output, String excerpt, Duration duration) {
      return new Receipt(
          r.gate(),
          r.command(),
          r.passed(),
          r.exitCode(),
          r.tree(),
          output,
          excerpt,
          r.startedAt().plusSeconds(duration.isZero() ? 1 : 0),
          duration);
    }
  }

  /** Where each receipt of the journal stands: the event, and the place in it. */
  private record Place(int event, int index) {}

  private static List<Place> places(List<RunRecord> journal) {
    List<Place> places = new ArrayList<>();
    for (int event = 0; event < journal.size(); event++) {
      for (int index = 0; index < journal.get(event).event().receipts().size(); index++) {
        places.add(new Place(event, index));
      }
    }
    assertThat(places).hasSize(RECEIPTS);
    return places;
  }

  private static Receipt at(List<RunRecord> journal, Place place) {
    return journal.get(place.event).event().receipts().get(place.index);
  }

  private static void put(List<RunRecord> journal, Place place, Receipt receipt) {
    List<Receipt> receipts = new ArrayList<>(journal.get(place.event).event().receipts());
    receipts.set(place.index, receipt);
    replace(journal, place.event, receipts);
  }

  private static void replace(List<RunRecord> journal, int event, List<Receipt> receipts) {
    RunRecord record = journal.get(event);
    journal.set(event, new RunRecord(record.run(), record.sequence(), with(record, receipts)));
  }

  private static RunEvent with(RunRecord record, List<Receipt> receipts) {
    if (record.event() instanceof RunEvent.Merging e) {
      return new RunEvent.Merging(
          e.at(), e.task(), e.branch(), e.before(), e.merged(), receipts, e.links());
    }
    RunEvent.Verified e = (RunEvent.Verified) record.event();
    return verified(e, e.task(), e.attempt(), e.checkpoint(), receipts, e.links());
  }

  private static RunEvent.Verified verified(
      RunEvent.Verified e,
      TaskId task,
      int attempt,
      Checkpoint checkpoint,
      List<Receipt> receipts,
      ReceiptLinks links) {
    return new RunEvent.Verified(
        e.at(),
        task,
        attempt,
        checkpoint,
        e.changed(),
        e.restored(),
        receipts,
        e.trouble(),
        e.moves(),
        links);
  }

  private static List<RunRecord> numbered(List<RunRecord> journal) {
    List<RunRecord> numbered = new ArrayList<>();
    journal.forEach(
        record -> numbered.add(new RunRecord(record.run(), numbered.size() + 1, record.event())));
    return numbered;
  }

  private static List<Kind> kinds(List<RunRecord> journal) {
    return ReceiptChain.check(journal).findings().stream().map(ReceiptChain.Finding::kind).toList();
  }

  @Property(tries = 60)
  void anyFieldOfAnyReceiptThatWasChangedIsFound(
      @ForAll @IntRange(max = RECEIPTS - 1) int which, @ForAll Field field) {
    List<RunRecord> journal = journal();
    Place place = places(journal).get(which);

    put(journal, place, field.change.apply(at(journal, place)));

    assertThat(ReceiptChain.check(journal).findings())
        .filteredOn(finding -> finding.kind() == Kind.ALTERED)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.sequence()).isEqualTo(place.event + 1);
              assertThat(finding.what()).startsWith("receipt " + (which + 1) + ", of gate");
            });
  }

  @Example
  void whatAReceiptIsForIsPartOfIt() {
    for (int change = 0; change < 3; change++) {
      List<RunRecord> journal = journal();
      Place place = places(journal).get(1);
      RunEvent.Verified e = (RunEvent.Verified) journal.get(place.event).event();
      TaskId task = change == 0 ? TaskId.of("b") : e.task();
      int attempt = change == 1 ? e.attempt() + 1 : e.attempt();
      Checkpoint checkpoint = change == 2 ? new Checkpoint("other", "tree") : e.checkpoint();
      journal.set(
          place.event,
          new RunRecord(
              Scenario.KEY,
              place.event + 1,
              verified(e, task, attempt, checkpoint, e.receipts(), e.links())));

      assertThat(kinds(journal)).containsExactly(Kind.ALTERED, Kind.ALTERED);
    }
  }

  @Property(tries = 30)
  void anyReceiptThatWasTakenOutIsFound(@ForAll @IntRange(max = RECEIPTS - 1) int which) {
    List<RunRecord> journal = journal();
    Place place = places(journal).get(which);
    List<Receipt> rest = new ArrayList<>(journal.get(place.event).event().receipts());
    rest.remove(place.index);

    replace(journal, place.event, rest);

    assertThat(ReceiptChain.check(journal).findings())
        .filteredOn(finding -> finding.kind() == Kind.MISSING)
        .singleElement()
        .satisfies(
            finding -> assertThat(finding.what()).isEqualTo("receipt " + (which + 1) + " is gone"));
  }

  @Property(tries = 30)
  void anEventWhoseReceiptsWentWithTheirLinksLeavesAGap(
      @ForAll @IntRange(max = RECEIPTS - 1) int which) {
    List<RunRecord> journal = journal();
    Place place = places(journal).get(which);

    journal.remove(place.event);

    assertThat(kinds(journal)).contains(Kind.BROKEN, Kind.MISSING);
    assertThat(kinds(numbered(journal))).containsExactly(Kind.MISSING);
  }

  @Property(tries = 60)
  void anyTwoReceiptsThatChangedPlacesAreFound(
      @ForAll @IntRange(max = RECEIPTS - 1) int one,
      @ForAll @IntRange(max = RECEIPTS - 1) int two) {
    if (one == two) {
      return;
    }
    List<RunRecord> journal = journal();
    Place first = places(journal).get(one);
    Place second = places(journal).get(two);
    Receipt moved = at(journal, first);

    put(journal, first, at(journal, second));
    put(journal, second, moved);

    List<Kind> kinds = new ArrayList<>(kinds(journal));
    kinds.remove(Kind.UNPROVEN);
    assertThat(kinds)
        .isNotEmpty()
        .allMatch(kind -> kind == (first.event == second.event ? Kind.MOVED : Kind.ALTERED));
  }

  @Example
  void eventsThatChangedPlacesAreFound() {
    List<RunRecord> journal = journal();
    List<Place> places = places(journal);

    Collections.swap(journal, places.get(0).event, places.get(1).event);

    assertThat(kinds(numbered(journal))).contains(Kind.MISSING, Kind.MOVED);
  }

  @Example
  void aReceiptThatWasPutInIsFound() {
    List<RunRecord> journal = journal();
    Place place = places(journal).get(1);
    List<Receipt> more = new ArrayList<>(journal.get(place.event).event().receipts());
    more.add(1, receipt("more", true));
    more.set(2, receipt("invented", true));

    replace(journal, place.event, more);

    assertThat(kinds(journal)).contains(Kind.ADDED);
  }

  @Example
  void theReceiptsOfAnotherRunDoNotFit() {
    List<RunRecord> journal = new ArrayList<>();
    RunKey other = new RunKey(Tenant.of("acme"), RunId.of("run-2"));
    journal().forEach(r -> journal.add(new RunRecord(other, r.sequence(), r.event())));

    assertThat(kinds(journal)).containsExactly(Kind.BROKEN);
  }

  @Example
  void workThatCountsAsAcceptedByItsGatesHasReceipts() {
    List<RunRecord> journal = journal();
    Place place = places(journal).get(1);
    RunEvent.Verified e = (RunEvent.Verified) journal.get(place.event).event();
    RunEvent bare = verified(e, e.task(), e.attempt(), e.checkpoint(), List.of(), null);

    journal.set(place.event, new RunRecord(Scenario.KEY, place.event + 1, bare));

    assertThat(kinds(journal)).containsExactly(Kind.UNPROVEN, Kind.MISSING);
  }

  // ------------------------------------------------------------------ what was there before

  @Example
  void runsOfEarlierVersionsAreNotChainedAndSayHowMany() {
    List<RunRecord> journal = new ArrayList<>();
    journal().forEach(r -> journal.add(new RunRecord(r.run(), r.sequence(), unlinked(r.event()))));

    ReceiptChain chain = ReceiptChain.check(journal);

    assertThat(chain.isIntact()).isTrue();
    assertThat(chain.chained()).isZero();
    assertThat(chain.unchained()).isEqualTo(RECEIPTS);
  }

  @Example
  void aRunThatAnEarlierVersionBeganIsChainedFromHereOn() {
    Scenario run = Scenario.started(Steps.agent("a").attempts(2));
    checked(run.work("a").acted("a"), "a", receipt("first", false));
    RunState state = RunState.before(run.run.state().pipeline());
    List<RunRecord> journal = new ArrayList<>();
    for (RunRecord record : run.run.records()) {
      journal.add(new RunRecord(record.run(), record.sequence(), unlinked(record.event())));
      state.apply(unlinked(record.event()));
    }

    RunEvent next =
        ReceiptLinking.link(
            new RunEvent.Integrated(
                run.now, TaskId.of("a"), null, List.of(receipt("x", false)), null, List.of()),
            state);
    journal.add(new RunRecord(Scenario.KEY, journal.size() + 1, next));

    ReceiptChain chain = ReceiptChain.check(journal);
    assertThat(chain.isIntact()).isTrue();
    assertThat(chain.chained()).isEqualTo(1);
    assertThat(chain.unchained()).isEqualTo(1);
  }

  private static RunEvent unlinked(RunEvent event) {
    if (event instanceof RunEvent.Verified e) {
      return verified(e, e.task(), e.attempt(), e.checkpoint(), e.receipts(), null);
    } else if (event instanceof RunEvent.Merging e) {
      return new RunEvent.Merging(
          e.at(), e.task(), e.branch(), e.before(), e.merged(), e.receipts());
    } else if (event instanceof RunEvent.RunMoved e) {
      return new RunEvent.RunMoved(e.at(), e.to(), e.reason(), e.detail(), e.actor());
    }
    return event;
  }
}
