package dev.maestro.engine;

import dev.maestro.failure.ClosedException;
import dev.maestro.failure.PermanentException;
import dev.maestro.run.EventEncoder;
import dev.maestro.run.RunInput;
import dev.maestro.store.Commit;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.RecordWrite;
import dev.maestro.task.RunKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on the inputs of all runs, one turn after the other: whatever has come is decided on,
 * slots are handed out, all of it is committed at once, and only then is anybody told.
 *
 * <p>It has no thread of its own. Whoever sends something while nobody leads, leads: for a few
 * turns, until nothing is left to decide. User code is never called meanwhile.
 *
 * <p>What others may call from their threads stands first; everything else, and every field that is
 * not final, is confined to the loop, which is to whoever leads.
 */
final class Loop {

  /** How many turns one thread leads before it lets another go on. */
  private static final int MOST_TURNS = 8;

  /** How often a run is written once more when others have changed what runs share. */
  private static final int MOST_CONFLICTS = 100;

  private final EngineConfig config;
  private final EventEncoder encoder = new EventEncoder();
  private final Publisher publisher;
  private final Sessions sessions;
  private final Roster roster;
  private final Workers workers;
  private final Scheduler scheduler;
  private final Alarms alarms;
  private final Aftermath aftermath;
  private final Shared shared;
  private final Mailbox mailbox = new Mailbox();
  private final AtomicBoolean led = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  // made beforehand, and put once: an alarm that is lost for want of memory never comes again
  private volatile Mailbox.Message bell = new Mailbox.Message(this::timeCame, null);
  private final AtomicBoolean rung = new AtomicBoolean();
  // answers that have not been given; when the store breaks or the engine ends, they never will be
  private final List<Promise<?>> pending = new ArrayList<>();
  // made beforehand: when memory has run out, there is none to say so
  private final Settled noMemory =
      Settled.never(new PermanentException("the engine cannot go on: memory has run out"));
  private final Settled closed =
      Settled.never(
          new ClosedException("this Maestro was closed; the run goes on when it is opened again"));
  private boolean closing;
  private boolean abandoned;
  // whether someone is at work who could not be told to stop
  private boolean someGoOn;
  // written by whoever leads
  private volatile @Nullable Settled broken;

  /** Make a loop. */
  Loop(
      EngineConfig config,
      Roster roster,
      Publisher publisher,
      Sessions sessions,
      Consumer<Engine.StreamItem> stream) {
    this.config = config;
    this.roster = roster;
    this.publisher = publisher;
    this.sessions = sessions;
    this.shared = new Shared(config.store(), config.limits(), config.workspaces());
    this.workers = new Workers(config, this, stream);
    this.scheduler = new Scheduler(config, roster, workers);
    this.alarms = new Alarms(config.time(), roster, this::ring);
    this.aftermath = new Aftermath(this, roster, scheduler, workers, alarms);
  }

  // ------------------------------------------------------------------ called from any thread

  /** Have something done by the loop and wait for its answer. */
  <T> T ask(Mailbox.Request<T> request) {
    Promise<T> answer = new Promise<>();
    mailbox.put(new Mailbox.Message(batch -> request.on(batch, answer), answer));
    lead(false);
    return answer.await();
  }

  /** Have something done by the loop. */
  void send(Consumer<Batch> body) {
    mailbox.put(new Mailbox.Message(body, null));
    lead(false);
  }

  /**
   * Have something done by the loop, for a worker that takes up the next work when this returns.
   *
   * @param message made before the work was begun, so that its end is told without memory
   */
  void sendLast(Mailbox.Message message) {
    mailbox.put(message);
    lead(true);
  }

  /** Have the loop see what is due, for the clock's thread, which must not be held up. */
  private void ring() {
    if (rung.compareAndSet(false, true)) {
      mailbox.put(bell);
    }
    if (!led.get()) {
      try {
        workers.aside(() -> lead(true));
      } catch (OutOfMemoryError e) {
        // rather held up than never
        lead(false);
      }
    }
  }

  /** Have a request dealt with in the next turn instead; for use on the loop only. */
  <T> void again(Mailbox.Request<T> request, Promise<T> answer) {
    mailbox.put(new Mailbox.Message(batch -> request.on(batch, answer), answer));
  }

  /** Have a request dealt with when all else of the turn is decided; for use on the loop only. */
  <T> void atLast(Batch batch, Mailbox.Request<T> request, Promise<T> answer) {
    batch.atLast(new Mailbox.Message(same -> request.on(same, answer), answer));
  }

  /** {@return those who carry out what is decided} */
  Workers workers() {
    return workers;
  }

  /** {@return what runs share; for use on the loop only} */
  Shared shared() {
    return shared;
  }

  /** {@return who hands out slots; for use on the loop only} */
  Scheduler scheduler() {
    return scheduler;
  }

  /** Interrupt what is at work, and end when nobody works any more. */
  void endSoon() {
    send(this::interruptEverything);
  }

  /** End whoever still works. */
  void endNow() {
    send(batch -> abandoned = true);
  }

  boolean isAlive() {
    return ended.getCount() > 0;
  }

  /** Wait until the loop has ended, but no longer than this. */
  void join(long nanos) throws InterruptedException {
    if (!ended.await(nanos, TimeUnit.NANOSECONDS)) {
      log().debug("The loop has not ended yet");
    }
  }

  // ------------------------------------------------------------------ turns

  /**
   * Do what is in the mailbox, unless somebody is at it, who then sees to it.
   *
   * @param free whether this thread takes up work itself when it has led
   */
  private void lead(boolean free) {
    boolean done = false;
    while (!done) {
      try {
        tryToLead(free);
        done = true;
      } catch (OutOfMemoryError e) {
        giveUp(e);
        // others have left their messages to whoever leads, and nobody could be called
        done = mailbox.isEmpty();
      }
    }
  }

  /** Break down because there is nobody who could do what was decided, and no memory for one. */
  private void giveUp(OutOfMemoryError e) {
    if (led.compareAndSet(false, true)) {
      try {
        breakDown(e);
      } finally {
        led.set(false);
      }
    }
  }

  private void tryToLead(boolean free) {
    // an interrupt is meant for what this thread does by itself, not for a store that writes
    boolean interrupted = Thread.interrupted();
    try {
      for (int turns = 1; !mailbox.isEmpty() && led.compareAndSet(false, true); turns++) {
        try {
          turn(mailbox.takeAll());
          endWhenAllHaveEnded();
        } finally {
          led.set(false);
        }
        boolean leaves = turns == MOST_TURNS;
        if (leaves && !mailbox.isEmpty()) {
          workers.aside(() -> lead(true));
        } else if (!free || !mailbox.isEmpty()) {
          workers.call();
        }
        if (leaves) {
          break;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void endWhenAllHaveEnded() {
    if (closing && isAlive() && (abandoned || workers.isIdle())) {
      alarms.close();
      mailbox.shut(closed.reason());
      endPending(closed);
      roster.giveBackAll();
      ended.countDown();
    }
  }

  private void turn(Mailbox.@Nullable Message first) {
    try {
      tryToTurn(first);
    } catch (Error e) {
      refuse(first, breakDown(e));
    }
  }

  private void tryToTurn(Mailbox.@Nullable Message first) {
    for (Mailbox.Message one = first; one != null; one = one.next()) {
      if (one.answer() != null) {
        pending.add(one.answer());
      }
    }
    Batch batch = new Batch(encoder, shared);
    for (Mailbox.Message one = first; one != null; one = one.next()) {
      if (batch.isFull()) {
        end(batch);
        batch = new Batch(encoder, shared);
      }
      handle(one, batch);
    }
    end(batch);
    if (!pending.isEmpty()) {
      pending.removeIf(Promise::isDone);
    }
  }

  private void end(Batch batch) {
    if (broken == null) {
      try {
        finish(batch);
      } catch (RuntimeException | Error e) {
        breakDown(e);
      }
    } else if (someGoOn) {
      stopEverybody();
    }
    batch.letGo();
  }

  private void handle(Mailbox.Message message, Batch batch) {
    Promise<?> answer = message.answer();
    Settled stop = broken;
    if (stop != null && answer != null) {
      answer.completeExceptionally(stop.reason());
      return;
    }
    try {
      message.body().accept(batch);
    } catch (RuntimeException e) {
      if (answer != null) {
        answer.completeExceptionally(e);
      } else {
        log().error("The engine could not do what one of its workers asked for", e);
      }
      if (batch.isTorn()) {
        breakDown(e);
      }
    } catch (Error e) {
      breakDown(e);
    }
  }

  private void finish(Batch batch) {
    if (!closing) {
      letTryAgain(batch);
    }
    for (int i = 0; i < batch.parts().size(); i++) {
      scheduler.noteReady(batch.parts().get(i).run());
    }
    if (!closing) {
      scheduler.handOutSlots(batch);
    }
    for (int i = 0; i < batch.atLast().size(); i++) {
      handle(batch.atLast().get(i), batch);
    }
    sessions.begin(batch);
    commit(batch);
    for (int i = 0; i < batch.replies().size(); i++) {
      reply(batch.replies().get(i));
    }
    for (int i = 0; i < batch.parts().size(); i++) {
      follow(batch.parts().get(i));
    }
  }

  // ------------------------------------------------------------------ the commit and after it

  private void commit(Batch batch) {
    List<Commit> commits = batch.commits();
    if (commits.isEmpty()) {
      return;
    }
    List<Batch.Part> writers = batch.writers();
    // one that is decided on anew may bring in others, which have no outcome yet
    int runs = writers.size();
    List<CommitOutcome> outcomes = config.store().commit(commits);
    // first what is written, so that whoever reads anew finds the rest in the store
    for (int i = 0; i < runs; i++) {
      if (outcomes.get(i) instanceof CommitOutcome.Committed) {
        written(batch, writers.get(i));
      }
    }
    for (int i = 0; i < runs; i++) {
      if (!(outcomes.get(i) instanceof CommitOutcome.Committed)) {
        refused(batch, writers.get(i), outcomes.get(i));
      }
    }
    for (int i = 0; i < runs; i++) {
      if (writers.get(i).run().lost) {
        keepOfProviders(batch, writers.get(i));
      }
    }
    List<Batch.Aside> asides = batch.asides();
    for (int i = 0; i < asides.size(); i++) {
      asides.get(i).then().accept(outcomes.get(runs + i));
    }
  }

  private void written(Batch batch, Batch.Part part) {
    shared.written(part);
    batch.happened(part.run(), part);
  }

  private void refused(Batch batch, Batch.Part part, CommitOutcome outcome) {
    Live run = part.run();
    CommitOutcome last = withWhatOthersWrote(batch, run, part, outcome);
    if (last instanceof CommitOutcome.Committed) {
      written(batch, part);
    } else {
      shared.forget(run.key(), part);
      lose(run, last);
    }
  }

  /**
   * Where another engine on the same store has written what runs share, the run is as much ours as
   * before: each time this happens, another one has got further. What was contested and decided on
   * without having seen that is decided on anew.
   */
  private CommitOutcome withWhatOthersWrote(
      Batch batch, Live run, Batch.Part part, CommitOutcome first) {
    CommitOutcome outcome = first;
    for (int i = 0; i < MOST_CONFLICTS && outcome instanceof CommitOutcome.RecordConflict; i++) {
      Batch.Contested contested = part.takeContested();
      if (contested != null) {
        shared.giveBack(run, contested.taken());
        contested.again().run();
      }
      shared.takeAnew(run, part, batch.parts());
      Commit rest = batch.commit(run, part);
      outcome =
          rest.events().isEmpty() && rest.records().isEmpty()
              ? new CommitOutcome.Committed(part.sequenceBefore())
              : config.store().commit(List.of(rest)).get(0);
    }
    return outcome;
  }

  /**
   * The record of a provider is written with the run that has changed it first in a turn. Where
   * that one is lost, what is known of the provider is not.
   */
  private void keepOfProviders(Batch batch, Batch.Part lost) {
    List<RecordWrite> writes = shared.ofProviders(lost, batch.parts());
    for (int i = 0; i < MOST_CONFLICTS && !writes.isEmpty(); i++) {
      CommitOutcome outcome = config.store().commit(List.of(Commit.ofRecords(writes))).get(0);
      if (outcome instanceof CommitOutcome.Committed) {
        shared.writtenOfProviders(lost);
        return;
      }
      writes = shared.ofProviders(lost, batch.parts());
    }
  }

  /** What runs share has room again: those may try that wait for it, and there is enough for. */
  private void letTryAgain(Batch batch) {
    List<RunKey> waiting = shared.takeWaiting();
    for (int i = 0; i < waiting.size(); i++) {
      RunKey key = waiting.get(i);
      goOnAlone(batch, key, run -> letTryAgain(batch, run));
    }
  }

  /**
   * What was granted to a run may be enough for a launch that may use up less by a budget above it,
   * of which the run does not know.
   */
  void letTryAfterGrant(Batch batch, Live run) {
    if (!shared.madeRoom(run, config.time().instant()).above().isEmpty()) {
      letTryAgain(batch, run);
    }
  }

  /** Who has waited in vain is told the next time. */
  private void letTryAgain(Batch batch, Live run) {
    if (run.state.waitsForBudget()) {
      Instant now = config.time().instant();
      batch.decide(run, shared.madeRoom(run, now));
      shared.noteWaiting(run, now);
    }
  }

  /** One run that cannot be read, or cannot go on, must not keep the others from going on. */
  private void goOnAlone(Batch batch, RunKey key, Consumer<Live> how) {
    try {
      Live run = roster.find(batch, key);
      if (run != null && !run.state.status().isTerminal()) {
        how.accept(run);
      }
    } catch (RuntimeException e) {
      if (batch.isTorn()) {
        throw e;
      }
      log().error("Run {} cannot go on now, though it is to", key, e);
    }
  }

  /** Another engine has taken the run over: what was decided here did not happen. */
  private void lose(Live run, CommitOutcome outcome) {
    log().warn("Run {} is driven by another engine now and let go here: {}", run.key(), outcome);
    aftermath.lose(run);
  }

  private void loseIfPassed(Live run) {
    if (roster.isPassed(run)) {
      lose(run);
    }
  }

  /** Let go of a run that another engine has gone on with; for use on the loop only. */
  void lose(Live run) {
    log().warn("Run {} is driven by another engine now and let go here", run.key());
    aftermath.lose(run);
  }

  private static void reply(Batch.Reply reply) {
    Live run = reply.run();
    if (run == null || !run.lost) {
      reply.action().run();
    } else if (reply.answer() != null) {
      reply.answer().completeExceptionally(run.takenOver());
    }
  }

  private void follow(Batch.Part part) {
    Live run = part.run();
    if (run.lost) {
      return;
    }
    if (!part.events().isEmpty() && publisher.hasListeners()) {
      publisher.advanced(run.key(), part.sequenceBefore(), run.state.sequence());
    }
    aftermath.follow(run, part);
  }

  // ------------------------------------------------------------------ time

  private void timeCame(Batch batch) {
    bell = new Mailbox.Message(this::timeCame, null);
    rung.set(false);
    if (broken != null || closing) {
      return;
    }
    for (RunKey key : alarms.takeDue(config.time().instant())) {
      goOnAlone(batch, key, run -> timeCame(batch, run));
    }
    if (alarms.takeLookOut(config.time().instant())) {
      lookOut(batch);
    }
  }

  /** Let go of runs that somebody waits for and another engine has gone on with. */
  private void lookOut(Batch batch) {
    List<Live> awaited = roster.live().stream().filter(run -> !run.waiters.isEmpty()).toList();
    for (Live one : awaited) {
      goOnAlone(batch, one.key(), this::loseIfPassed);
    }
    awaited.stream()
        .filter(run -> !run.lost)
        .flatMap(run -> roster.looksAgain(run).stream())
        .min(Comparator.naturalOrder())
        .ifPresent(alarms::lookOut);
  }

  private void timeCame(Batch batch, Live run) {
    if (roster.isPassed(run)) {
      lose(run);
    } else {
      batch.decide(run, new RunInput.TimeCame(config.time().instant()));
    }
  }

  // ------------------------------------------------------------------ closing, breaking down

  /** Stop at once whoever is still at something of the run that it has gone on without. */
  void stopAtOnce(Live run) {
    aftermath.stopAtOnce(run);
  }

  boolean drives() {
    return config.drives();
  }

  boolean isClosing() {
    return closing;
  }

  boolean isBroken() {
    return broken != null;
  }

  private void interruptEverything(Batch batch) {
    closing = true;
    if (broken != null) {
      return;
    }
    for (Live run : roster.live()) {
      batch.touch(run);
      if (!run.state.status().isTerminal() && !run.state.active().isEmpty()) {
        batch.decide(run, new RunInput.Interrupt(config.time().instant()));
      }
    }
  }

  /** Takes no memory where there is none, so that nobody waits for ever. */
  private Settled breakDown(Throwable e) {
    Settled reason = broken;
    if (reason == null) {
      reason = reasonFor(e);
      broken = reason;
      say(e);
    }
    stopEverybody();
    endPending(reason);
    return reason;
  }

  private Settled reasonFor(Throwable e) {
    try {
      return Settled.never(
          e instanceof RuntimeException known
              ? known
              : new PermanentException("the engine cannot go on: " + e, e));
    } catch (OutOfMemoryError none) {
      return noMemory;
    }
  }

  private void say(Throwable e) {
    try {
      log().error("The engine cannot go on; what is at work is stopped", e);
    } catch (RuntimeException | Error full) {
      // the words are lost; everybody who waits hears of it all the same
      Thread.onSpinWait();
    }
  }

  /** Who cannot be told for want of memory is told with the next message, or asks and hears. */
  private void stopEverybody() {
    try {
      roster.live().forEach(aftermath::everybodyStop);
      someGoOn = false;
    } catch (OutOfMemoryError e) {
      someGoOn = true;
    }
  }

  private static void refuse(Mailbox.@Nullable Message first, Settled reason) {
    for (Mailbox.Message one = first; one != null; one = one.next()) {
      one.refuse(reason.reason());
    }
  }

  private void endPending(Settled reason) {
    // without an iterator, for which there may be no memory
    for (int i = 0; i < pending.size(); i++) {
      pending.get(i).completeExceptionally(reason.reason());
    }
    pending.clear();
    aftermath.failAll(reason);
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Engine.class);
  }
}
