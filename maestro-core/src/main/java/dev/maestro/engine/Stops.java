package dev.maestro.engine;

import dev.maestro.attempt.Attempts;
import dev.maestro.run.Decision;
import dev.maestro.run.RunInput;
import dev.maestro.store.RunQuery;
import dev.maestro.store.StoreException;
import dev.maestro.task.Actor;
import dev.maestro.task.RunKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The emergency stop: whatever works is ended at once, and why is told as soon as it is known which
 * secrets may not stand in it.
 */
final class Stops {

  private static final Confidential NOTHING = new Confidential(Set.of(), false);

  private final EngineConfig config;
  private final Desk desk;
  private final Roster roster;
  private final Loop loop;
  private final Sessions sessions;
  private final BiFunction<RunKey, RunInput, Decision> submit;

  /** Stop runs by submitting inputs so, as anybody does who has one run decide on something. */
  Stops(
      EngineConfig config,
      Desk desk,
      Roster roster,
      Loop loop,
      Sessions sessions,
      BiFunction<RunKey, RunInput, Decision> submit) {
    this.config = config;
    this.desk = desk;
    this.roster = roster;
    this.loop = loop;
    this.sessions = sessions;
    this.submit = submit;
  }

  /** Have one stopped; see {@link Engine#stop}. */
  Decision stop(RunKey key, String reason, Actor who) {
    Confidential hidden = desk.ask(key, Confidential::of).orElse(NOTHING);
    Decision decision = submit.apply(key, stopping(hidden, reason, who));
    if (decision instanceof Decision.Accepted) {
      explain(Set.of(key), hidden, reason, who);
    }
    return decision;
  }

  /** Have all stopped; see {@link Engine#stopAll}. */
  void stopAll(String reason, Actor who) {
    Confidential hidden =
        desk.call((batch, answer) -> answer.complete(Confidential.ofAll(roster.live())));
    RunInput.Stop stop = stopping(hidden, reason, who);
    Set<RunKey> stopped =
        new LinkedHashSet<>(
            desk.<Set<RunKey>>call((batch, answer) -> stopLive(batch, stop, answer)));
    sessions.reap();
    Set<RunKey> others =
        new LinkedHashSet<>(
            desk.<Set<RunKey>>call((batch, answer) -> answer.complete(roster.keys())));
    config.store().find(RunQuery.allOpen()).forEach(index -> others.add(index.run()));
    others.removeAll(stopped);
    List<String> unreached = new ArrayList<>();
    for (RunKey key : others) {
      try {
        hidden = hidden.and(desk.ask(key, Confidential::of).orElse(NOTHING));
        submit.apply(key, stopping(hidden, reason, who));
        stopped.add(key);
      } catch (StoreException e) {
        log().error("Run {} cannot be reached", key, e);
        unreached.add(e.getMessage() + " (" + key + ")");
      }
    }
    explain(stopped, hidden, reason, who);
    requireReached(unreached);
  }

  private static void requireReached(List<String> unreached) {
    if (!unreached.isEmpty()) {
      throw new StoreException(
          "everything is stopped but what cannot be reached from here: "
              + String.join("; ", unreached));
    }
  }

  /** What has to be asked for does not hold up a stop. */
  private RunInput.Stop stopping(Confidential hidden, String reason, Actor who) {
    String words = hidden.isAsked() ? "" : hiding(hidden, reason);
    return new RunInput.Stop(config.time().instant(), words, who);
  }

  /** Whoever works is told to end by now. */
  private void explain(Set<RunKey> stopped, Confidential hidden, String reason, Actor who) {
    if (!hidden.isAsked() || reason.isEmpty()) {
      return;
    }
    String words = told(hidden, reason);
    for (RunKey key : stopped) {
      try {
        submit.apply(key, new RunInput.Explain(config.time().instant(), words, who));
      } catch (StoreException e) {
        log().warn("Run {} is stopped, and why is not kept", key, e);
      }
    }
  }

  /** A stop that has happened does not fail for its words. */
  private String told(Confidential hidden, String reason) {
    try {
      return hiding(hidden, reason);
    } catch (RuntimeException e) {
      log().warn("What is secret about runs that were stopped cannot be had", e);
      return "why is not kept: looking for secrets in it failed: " + e.getClass().getName();
    }
  }

  private String hiding(Confidential hidden, String text) {
    return text.isEmpty()
        ? text
        : Attempts.shortened(config.attempts().hide(hidden.names(), hidden.shapes(), text));
  }

  /** Decide on the stop of a run; what works for it is ended when that is durable. */
  Decision decide(Batch batch, Live run, RunInput.Stop stop) {
    Decision decision = batch.decide(run, stop);
    batch.afterCommit(run, () -> loop.stopAtOnce(run));
    return decision;
  }

  private void stopLive(Batch batch, RunInput.Stop stop, Promise<Set<RunKey>> answer) {
    List<Live> live = List.copyOf(roster.live());
    for (Live run : live) {
      batch.touch(run);
      decide(batch, run, stop);
    }
    // another engine may have taken one over meanwhile
    batch.afterCommit(
        null,
        () ->
            answer.complete(
                live.stream()
                    .filter(run -> !run.lost)
                    .map(Live::key)
                    .collect(Collectors.toUnmodifiableSet())));
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Stops.class);
  }
}
