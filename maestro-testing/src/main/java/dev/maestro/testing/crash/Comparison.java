package dev.maestro.testing.crash;

import dev.maestro.gate.Receipt;
import dev.maestro.pipeline.Action;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import dev.maestro.task.Amount;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares a run that was crashed with one that was not; the rules stand on {@link CrashMatrix}.
 */
final class Comparison {

  private static final String DAY = "day-";

  private final Facts undisturbed;

  Comparison(Facts undisturbed) {
    this.undisturbed = undisturbed;
  }

  // ------------------------------------------------------------------ the end

  /** {@return in what the ends differ; empty when they are the same} */
  List<String> ofEnds(Facts crashed) {
    List<String> problems = new ArrayList<>();
    RunSnapshot expected = undisturbed.requireRun();
    RunSnapshot found = crashed.snapshot();
    if (found == null) {
      return List.of("there is no run");
    }
    differ(problems, "the run", expected.status(), found.status());
    Map<String, Task> tasks = byId(crashed);
    differ(problems, "the tasks", byId(undisturbed).keySet(), tasks.keySet());
    for (Task task : undisturbed.tasks()) {
      Task other = tasks.get(task.id().value());
      if (other != null) {
        compare(problems, task, other);
      }
    }
    differ(problems, "the outputs", undisturbed.outputs(), crashed.outputs());
    differ(problems, "what was observed", undisturbed.observed(), crashed.observed());
    return problems;
  }

  private static void compare(List<String> problems, Task expected, Task found) {
    String name = "task " + expected.id();
    differ(problems, name, expected.state(), found.state());
    differ(problems, name + ": the reason", expected.reason(), found.reason());
    differ(problems, name + ": the evidence", expected.evidence(), found.evidence());
    differ(problems, name + ": the gates", gates(expected), gates(found));
  }

  private static List<String> gates(Task task) {
    return task.receipts().stream().map(Comparison::gate).toList();
  }

  private static String gate(Receipt receipt) {
    return receipt.gate() + (receipt.passed() ? " passed" : " failed");
  }

  private static Map<String, Task> byId(Facts facts) {
    Map<String, Task> tasks = new LinkedHashMap<>();
    facts.tasks().forEach(task -> tasks.put(task.id().value(), task));
    return tasks;
  }

  // ------------------------------------------------------------------ the way there

  /** {@return what happened after the kill and must not} */
  List<String> ofHistories(Facts atKill, Facts crashed) {
    List<String> problems = new ArrayList<>();
    History history = History.of(crashed.journal());
    if (!History.beginsWith(crashed.journal(), atKill.journal())) {
      problems.add("the journal does not begin with what was durable when the JVM was killed");
    }
    for (String task : atKill.completed()) {
      if (crashed.executionsOf(task) > atKill.executionsOf(task)) {
        problems.add("task " + task + " was completed before the kill and carried out after it");
      }
    }
    history
        .goneOnAfterCompletion()
        .forEach(what -> problems.add("after its completion the journal has " + what));
    if (crashed.snapshot() != null && crashed.snapshot().status().isTerminal()) {
      differ(problems, "how often the run ended", 1L, history.ends());
    }
    people(problems, history, crashed);
    books(problems, crashed);
    Map<String, Task> before = byId(undisturbed);
    for (Task task : crashed.tasks()) {
      Task expected = before.get(task.id().value());
      if (expected != null) {
        launches(problems, expected, task, crashed);
        money(problems, expected, task, history);
      }
    }
    return problems;
  }

  private void people(List<String> problems, History history, Facts crashed) {
    crashed.answered().stream()
        .filter(answer -> !history.hasAnswer(answer))
        .forEach(answer -> problems.add("this answer is lost: " + answer));
    Map<String, Integer> before = History.of(undisturbed.journal()).asked();
    history
        .asked()
        .forEach(
            (question, times) -> {
              if (times > Math.max(1, before.getOrDefault(question, 0))) {
                problems.add("asked " + times + " times: " + question);
              }
            });
  }

  /** A run over midnight has an account for each of two days. */
  private static void books(List<String> problems, Facts crashed) {
    RunSnapshot snapshot = crashed.snapshot();
    if (snapshot == null || !snapshot.status().isTerminal()) {
      return;
    }
    Map<String, Amount> spent = new TreeMap<>();
    crashed
        .books()
        .forEach(
            (account, books) -> {
              String name = account.startsWith(DAY) ? "a day" : "the " + account;
              spent.merge(name, books.spent(), Amount::plus);
              books
                  .open()
                  .forEach(attempt -> problems.add(account + ": still put aside for " + attempt));
            });
    Amount inJournal =
        crashed.tasks().stream()
            .filter(task -> task.parent().isEmpty())
            .map(Task::spent)
            .reduce(Amount.NONE, Amount::plus);
    spent.forEach((name, amount) -> differ(problems, "the budget of " + name, inJournal, amount));
  }

  private void launches(List<String> problems, Task expected, Task found, Facts crashed) {
    String id = found.id().value();
    int allowed = found.allowedAttempts();
    if (found.launches() > allowed) {
      problems.add("task %s: %d launches of %d".formatted(id, found.launches(), allowed));
    }
    if (found.launches() > expected.launches() + 1) {
      problems.add(
          "task %s: one kill took %d launches more"
              .formatted(id, found.launches() - expected.launches()));
    }
    int executions = crashed.executionsOf(id);
    int most = isAgent(found) ? allowed : undisturbed.executionsOf(id) + 1;
    if (executions > most) {
      problems.add("task %s was carried out %d times of %d".formatted(id, executions, most));
    }
  }

  private static boolean isAgent(Task task) {
    Action.Kind kind = task.step().action().kind();
    return kind == Action.Kind.AGENT || kind == Action.Kind.PLAN;
  }

  private static void money(List<String> problems, Task expected, Task found, History history) {
    String id = found.id().value();
    Set<Integer> cutOff = history.launchesCutOff(id);
    if (!history.settledTwice(id).isEmpty()) {
      problems.add("task " + id + ": an attempt was paid for twice");
    }
    Usage usage = found.usage();
    if (cutOff.isEmpty()) {
      differ(problems, "task " + id + ": the usage", expected.usage(), usage);
    } else {
      BigDecimal most =
          expected
              .usage()
              .cost()
              .usd()
              .add(history.dearest(id).multiply(BigDecimal.valueOf(cutOff.size())));
      if (usage.cost().usd().compareTo(most) > 0) {
        problems.add("task %s: $%s of at most $%s".formatted(id, usage.cost().usd(), most));
      }
      if (!usage.presumed()) {
        problems.add("task " + id + ": a launch was cut off, and its usage is not presumed");
      }
    }
  }

  private static void differ(List<String> problems, String what, Object expected, Object found) {
    if (expected instanceof Map<?, ?> one && found instanceof Map<?, ?> other) {
      Set<String> names = new TreeSet<>();
      one.keySet().forEach(name -> names.add(name.toString()));
      other.keySet().forEach(name -> names.add(name.toString()));
      for (String name : names) {
        Object left = one.get(name);
        Object right = other.get(name);
        if (!Objects.equals(left, right)) {
          problems.add("%s, %s: %s instead of %s".formatted(what, name, right, left));
        }
      }
    } else if (!expected.equals(found)) {
      problems.add("%s: %s instead of %s".formatted(what, found, expected));
    }
  }
}
