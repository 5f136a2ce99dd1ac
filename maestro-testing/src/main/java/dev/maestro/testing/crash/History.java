package dev.maestro.testing.crash;

import dev.maestro.approval.Question;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.store.Envelope;
import dev.maestro.task.TaskState;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a journal tells of launches, money and completions. */
final class History {

  private final List<String> goneOn = new ArrayList<>();
  private final Map<String, Set<Integer>> launched = new HashMap<>();
  private final Map<String, Set<Integer>> settled = new HashMap<>();
  private final Map<String, Set<Integer>> settledTwice = new HashMap<>();
  private final Map<String, BigDecimal> dearest = new HashMap<>();
  private final Set<String> completed = new HashSet<>();
  private final Map<String, Integer> asked = new TreeMap<>();
  private final Set<String> answers = new HashSet<>();
  private long ends;

  private History() {}

  static History of(List<Envelope> journal) {
    RunEventCodec codec = new RunEventCodec();
    History history = new History();
    journal.forEach(record -> history.take(codec.decode(record)));
    return history;
  }

  /** {@return whether the one is the other, or goes on where it ends} */
  static boolean beginsWith(List<Envelope> journal, List<Envelope> beginning) {
    if (journal.size() < beginning.size()) {
      return false;
    }
    for (int i = 0; i < beginning.size(); i++) {
      if (!same(journal.get(i), beginning.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(Envelope one, Envelope other) {
    return one.type().equals(other.type())
        && one.version() == other.version()
        && one.at().equals(other.at())
        && Arrays.equals(one.json(), other.json());
  }

  private void take(RunEvent event) {
    if (event instanceof RunEvent.Dispatched e) {
      requireOpen("dispatched", e.task().value());
    } else if (event instanceof RunEvent.Intent e) {
      requireOpen("intent", e.task().value());
      if (!e.promptAfterStart()) {
        note(launched, e.task().value(), e.attempt());
      }
      if (e.reserved() != null) {
        dearest.merge(e.task().value(), e.reserved().cap().amount().money().usd(), BigDecimal::max);
      }
    } else if (event instanceof RunEvent.Launched e) {
      requireOpen("launched", e.task().value());
      if (e.agent()) {
        note(launched, e.task().value(), e.attempt());
      }
    } else if (event instanceof RunEvent.Acted e) {
      settle(e);
    } else if (event instanceof RunEvent.Reworked e) {
      e.tasks().forEach(task -> beginAgain(task.value()));
    } else if (event instanceof RunEvent.Reopened e) {
      e.tasks().forEach(task -> beginAgain(task.value()));
    } else if (event instanceof RunEvent.Redefined e) {
      e.rerun().forEach(task -> beginAgain(task.value()));
      e.added().forEach(task -> beginAgain(task.value()));
    } else if (event instanceof RunEvent.Forked e) {
      e.tasks().stream()
          .filter(kept -> kept.state() == TaskState.COMPLETED)
          .forEach(kept -> completed.add(kept.task().value()));
    } else if (event instanceof RunEvent.RunMoved e && e.to().isTerminal()) {
      ends++;
    } else if (event instanceof RunEvent.Asked e) {
      asked.merge(whatIsAsked(e.question()), 1, Integer::sum);
    } else if (event instanceof RunEvent.Answered e) {
      answers.add(e.question() + " " + e.actor());
    }
    event.moves().stream()
        .filter(move -> move.to() == TaskState.COMPLETED)
        .forEach(move -> completed.add(move.task().value()));
  }

  /** Two questions are the same when they ask the same about the same. */
  private static String whatIsAsked(Question question) {
    return question.task() + ", " + question.kind() + ": " + question.text() + question.hash();
  }

  /** A new generation is another task of the same name. */
  private void beginAgain(String task) {
    completed.remove(task);
    launched.remove(task);
    settled.remove(task);
  }

  private void settle(RunEvent.Acted e) {
    String task = e.task().value();
    if (e.usage() == null) {
      return;
    }
    if (!note(settled, task, e.attempt())) {
      note(settledTwice, task, e.attempt());
    }
    dearest.merge(task, e.usage().cost().usd(), BigDecimal::max);
  }

  private void requireOpen(String what, String task) {
    if (completed.contains(task)) {
      goneOn.add(what + " " + task);
    }
  }

  private static boolean note(Map<String, Set<Integer>> attempts, String task, int attempt) {
    return attempts.computeIfAbsent(task, t -> new TreeSet<>()).add(attempt);
  }

  /** {@return records that say that a completed task was worked at} */
  List<String> goneOnAfterCompletion() {
    return goneOn;
  }

  /** {@return how often each question was asked, by what it asks about what} */
  Map<String, Integer> asked() {
    return asked;
  }

  /** {@return whether an answer is there, given as the name of the question and who answers} */
  boolean hasAnswer(String answer) {
    return answers.contains(answer);
  }

  long ends() {
    return ends;
  }

  /** {@return the attempts of the task that were launched and of which no usage has come in} */
  Set<Integer> launchesCutOff(String task) {
    Set<Integer> cutOff = new TreeSet<>(launched.getOrDefault(task, Set.of()));
    cutOff.removeAll(settled.getOrDefault(task, Set.of()));
    return cutOff;
  }

  Set<Integer> settledTwice(String task) {
    return settledTwice.getOrDefault(task, Set.of());
  }

  /** {@return what the dearest attempt of the task cost, or was allowed to cost} */
  BigDecimal dearest(String task) {
    @Nullable BigDecimal cost = dearest.get(task);
    return cost == null ? BigDecimal.ZERO : cost;
  }
}
