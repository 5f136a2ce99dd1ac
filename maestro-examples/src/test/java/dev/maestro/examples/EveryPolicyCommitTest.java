package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Question;
import dev.maestro.failure.MaestroException;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Fallback;
import dev.maestro.policy.HandOff;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.policy.Retries;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pipeline that uses every policy, with an engine that dies before each of its commits in turn:
 * quicker than JVMs that are killed, and complete.
 */
class EveryPolicyCommitTest {

  private static final RunId RUN = RunId.of("commits");

  // a run has more commits than this
  private static final int SOON_ENOUGH = 80;

  @TempDir Path directory;

  @Test
  void everyPolicyHasItsSayAndADeathOfTheEngineChangesNothing() throws Exception {
    World world = new World(directory.resolve("undisturbed"));
    Map<String, String> undisturbed = world.run();

    assertThat(undisturbed).containsEntry("run", "SUCCEEDED");
    assertThat(world.rules)
        .contains("terms", "secrets", "paths", "commands", "hosts", "tools", "injection", "writes")
        .contains("confidence", "ladder", "breaker", "until", "budget", "sign-off", "shadow")
        .contains("quota", Retries.RULE, EvalGate.RULE, FailureWindow.RULE)
        .contains(Fallback.RULE, HandOff.RULE);
    assertThat(undisturbed.get("task some/2")).startsWith("FAILED budget-exceeded");
    assertThat(undisturbed.get("task some")).startsWith("COMPLETED");
    assertThat(world.reasons).contains(Reason.GATE_FAILED, Reason.FEWER_TESTS);
    assertThat(world.kinds)
        .contains(Question.Kind.APPROVAL, Question.Kind.POLICY, Question.Kind.REVIEW);
    int commit = 1 + ThreadLocalRandom.current().nextInt(SOON_ENOUGH);
    World disturbed = new World(directory.resolve("disturbed"));
    assertThat(disturbed.dies(commit)).as("there is a commit %d", commit).isTrue();
    assertThat(disturbed.run()).as("died before commit %d", commit).isEqualTo(undisturbed);
  }

  @Test
  @Tag("torture")
  void theEndIsTheSameWhereverTheEngineDies() throws Exception {
    Map<String, String> undisturbed = new World(directory.resolve("undisturbed")).run();
    assertThat(undisturbed).containsEntry("run", "SUCCEEDED");

    // -Dcrash.share=2/4 tries every fourth, from the second on
    String[] share = System.getProperty("crash.share", "1/1").split("/");
    boolean died = true;
    int step = Integer.parseInt(share[1]);
    for (int commit = Integer.parseInt(share[0]); died; commit += step) {
      World world = new World(directory.resolve("at-" + commit));
      died = world.dies(commit);
      if (died) {
        assertThat(world.run()).as("died before commit %d", commit).isEqualTo(undisturbed);
        System.out.println("died before commit " + commit + ": the same");
      }
      DemoProject.delete(world.place);
    }
  }

  /** What outlives an engine: a store and a directory. */
  private static final class World {

    private final PoliciesScenario scenario = new PoliciesScenario();
    private final Path place;
    private final StoreSource store = InMemoryStore.create();
    private final Set<String> answered = new HashSet<>();
    private final Set<String> rules = new TreeSet<>();
    private final Set<Reason> reasons = new HashSet<>();
    private final Set<Question.Kind> kinds = new TreeSet<>();

    World(Path place) throws Exception {
      this.place = Files.createDirectories(place);
      scenario.prepare(place);
    }

    /** {@return whether the engine died; not when the run had ended before that commit} */
    boolean dies(int commit) throws Exception {
      AtomicInteger left = new AtomicInteger(commit - 1);
      try {
        toTheEnd(time -> dying(store.open(time), left));
        return false;
      } catch (ExecutionException | IllegalStateException | MaestroException e) {
        assertThat(e).hasStackTraceContaining("this machine has died");
        return true;
      }
    }

    private static Store dying(Store store, AtomicInteger left) {
      return (Store)
          Proxy.newProxyInstance(
              Store.class.getClassLoader(),
              new Class<?>[] {Store.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("commit") && left.getAndDecrement() <= 0) {
                  throw new StoreException("this machine has died");
                }
                return invoke(store, method, arguments);
              });
    }

    private static Object invoke(Store store, Method method, Object[] arguments) throws Throwable {
      try {
        return method.invoke(store, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    Map<String, String> run() throws Exception {
      return toTheEnd(store);
    }

    private Map<String, String> toTheEnd(StoreSource source) throws Exception {
      Map<String, String> ending = new TreeMap<>(ending(source));
      // a closing engine gives up what takes it too long
      try (Maestro maestro = scenario.maestro(place).store(source).owner("test").build()) {
        maestro.recover();
      }
      ending.putAll(scenario.observe(place));
      return ending;
    }

    private Map<String, String> ending(StoreSource source) throws Exception {
      try (Maestro maestro = scenario.maestro(place).store(source).owner("test").build()) {
        maestro.recover();
        Run run = maestro.start(scenario.pipeline(), RUN, scenario.inputs());
        RunResult result = run.completion().toCompletableFuture().get();
        while (answers(run, result)
            || !result.status().isTerminal() && scenario.help(run, result)) {
          result = run.completion().toCompletableFuture().get();
        }
        return ending(run, result, maestro.ledger());
      }
    }

    private boolean answers(Run run, RunResult result) {
      for (Question question : result.questions()) {
        List<Actor> before = question.answering().approvedBy();
        List<Actor> people = new ArrayList<>(List.of(Actor.of("ben"), Actor.of("cem")));
        people.removeAll(before);
        for (Actor actor : people.subList(0, question.answering().quorum() - before.size())) {
          run.answer(question.id(), scenario.answer(question).orElseThrow().to(question), actor);
          answered.add(question.id() + " " + actor);
        }
      }
      return !result.questions().isEmpty();
    }

    private Map<String, String> ending(Run run, RunResult result, List<LedgerAccount> ledger) {
      peopleAreHeard(run.journal(1));
      run.judgments().stream()
          .flatMap(judged -> judged.judgments().stream())
          .forEach(judgment -> rules.add(judgment.rule()));
      theBooksAgree(result, ledger);
      Map<String, String> ending = new TreeMap<>();
      ending.put("run", result.status().name());
      for (Task task : result.snapshot().tasks()) {
        String output = task.step().output();
        ending.put(
            "task " + task.id(),
            task.state()
                + " "
                + task.reason().map(Object::toString).orElse("")
                + " "
                + task.receipts().size()
                + " "
                + (output == null ? "" : result.text(output).orElse("")));
      }
      return ending;
    }

    private void peopleAreHeard(List<RunRecord> journal) {
      Set<String> taken = new HashSet<>();
      Set<String> asked = new HashSet<>();
      for (RunRecord record : journal) {
        record.event().moves().forEach(move -> reasons.add(move.reason()));
        if (record.event() instanceof RunEvent.Answered e) {
          taken.add(e.question() + " " + e.actor());
        } else if (record.event() instanceof RunEvent.Asked e) {
          Question question = e.question();
          kinds.add(question.kind());
          assertThat(asked.add(question.task() + question.text() + question.hash()))
              .as("asked for the first time: %s", question)
              .isTrue();
        }
      }
      assertThat(taken).containsAll(answered);
    }

    private static void theBooksAgree(RunResult result, List<LedgerAccount> ledger) {
      Amount spent =
          result.snapshot().tasks().stream()
              .filter(task -> task.parent().isEmpty())
              .map(Task::spent)
              .reduce(Amount.NONE, Amount::plus);
      assertThat(ledger).isNotEmpty();
      for (LedgerAccount account : ledger) {
        assertThat(account.spent()).as(account.name()).isEqualTo(spent);
        assertThat(account.reserved()).as(account.name()).isEqualTo(Amount.NONE);
      }
    }
  }
}
