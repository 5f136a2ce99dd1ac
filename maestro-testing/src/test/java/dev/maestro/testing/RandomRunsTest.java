package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.MaestroException;
import dev.maestro.failure.PermanentException;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.process.Cancellation;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/** Random pipelines, crashed at random points, come to the same end as undisturbed ones. */
class RandomRunsTest {

  private static final int ATTEMPTS = 12;
  private static final int FOR_GOOD = 100;
  private static final Inputs LIST = Inputs.of("list", List.of("x", "y", "z"));
  private static final Usage SOME = Usage.of(10, 5, Money.usd("0.01"));

  /** What a step is made of. */
  enum Shape {
    /** One task. */
    PLAIN,
    /** Two tasks inside, one behind the other. */
    INSIDE,
    /** A task for each of three elements, two at a time; the others go on where one fails. */
    EACH,
    /** The two tasks inside for each of the elements. */
    EACH_INSIDE
  }

  /**
   * One step.
   *
   * @param shape what it is made of
   * @param agent carried out by an agent, otherwise by code
   * @param on bits: which of the steps before it waits for
   * @param failures how often it fails before it succeeds, or {@link #FOR_GOOD}
   */
  record Plan(Shape shape, boolean agent, int on, int failures) {}

  @Provide
  Arbitrary<List<Plan>> plans() {
    Arbitrary<Integer> failures =
        Arbitraries.frequency(
            net.jqwik.api.Tuple.of(6, 0),
            net.jqwik.api.Tuple.of(3, 1),
            net.jqwik.api.Tuple.of(1, FOR_GOOD));
    Arbitrary<Shape> shapes =
        Arbitraries.frequency(
            net.jqwik.api.Tuple.of(6, Shape.PLAIN),
            net.jqwik.api.Tuple.of(1, Shape.INSIDE),
            net.jqwik.api.Tuple.of(1, Shape.EACH),
            net.jqwik.api.Tuple.of(1, Shape.EACH_INSIDE));
    return Combinators.combine(
            shapes, Arbitraries.of(true, false), Arbitraries.integers().between(0, 63), failures)
        .as(Plan::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  @Provide
  Arbitrary<List<Integer>> crashes() {
    return Arbitraries.integers().between(1, 14).list().ofMaxSize(4);
  }

  @Property(tries = 5_000, shrinking = ShrinkingMode.BOUNDED)
  @Tag("torture")
  void soItDoesForLong(@ForAll("plans") List<Plan> plans, @ForAll("crashes") List<Integer> crashes)
      throws Exception {
    aCrashedRunEndsAsAnUndisturbedOne(plans, crashes);
  }

  @Property(tries = 75, shrinking = ShrinkingMode.BOUNDED)
  void aCrashedRunEndsAsAnUndisturbedOne(
      @ForAll("plans") List<Plan> plans, @ForAll("crashes") List<Integer> crashes)
      throws Exception {
    Map<String, String> undisturbed = new World(plans).runCrashing(List.of());

    World world = new World(plans);
    Map<String, String> disturbed = world.runCrashing(crashes);

    assertThat(disturbed).isEqualTo(undisturbed);
    assertThat(world.disk.executedAgain()).isEmpty();
    assertThat(world.launches.values()).allMatch(count -> count.get() <= ATTEMPTS);
  }

  /** What outlives engines: the disk, the clock, and how often each task has failed. */
  private static final class World {

    private final List<Plan> plans;
    private final Disk disk = new Disk(InMemoryStore.create());
    private final Map<String, AtomicInteger> failed = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> launches = new ConcurrentHashMap<>();

    World(List<Plan> plans) {
      this.plans = plans;
    }

    Pipeline pipeline() {
      PipelineBuilder pipeline = Pipeline.named("random");
      for (int i = 0; i < plans.size(); i++) {
        Plan plan = plans.get(i);
        List<String> after = new ArrayList<>();
        for (int on = 0; on < i; on++) {
          if ((plan.on() >> on & 1) == 1) {
            after.add("s" + on);
          }
        }
        String output = "o" + i;
        pipeline.step(
            "s" + i,
            s -> {
              shaped(s, plan);
              s.after(after.toArray(String[]::new)).output(output);
            });
      }
      return pipeline.build();
    }

    private static void shaped(StepBuilder step, Plan plan) {
      if (goesOverTheList(plan)) {
        step.forEach("{{ list }}").parallel(2).failure(Action.Failure.KEEP);
      }
      if (plan.shape() == Shape.INSIDE || plan.shape() == Shape.EACH_INSIDE) {
        step.pipeline(
                p ->
                    p.step("a", a -> working(a, plan).output("first"))
                        .step("b", b -> working(b, plan).after("a").output("second")))
            .outputs("second");
      } else {
        working(step, plan);
      }
    }

    private static StepBuilder working(StepBuilder step, Plan plan) {
      if (plan.agent()) {
        step.agent("engineer").prompt("work");
      } else {
        step.code("work", "1");
      }
      return step.attempts(ATTEMPTS).backoff(Backoff.fixed(Duration.ofMinutes(1)));
    }

    /** An input that no step uses is refused. */
    private Inputs inputs() {
      return plans.stream().anyMatch(World::goesOverTheList) ? LIST : Inputs.none();
    }

    private static boolean goesOverTheList(Plan plan) {
      return plan.shape() == Shape.EACH || plan.shape() == Shape.EACH_INSIDE;
    }

    /** Of the elements of a list only the second fails for good. */
    private boolean failsForGood(TaskId task, Plan plan) {
      boolean element = task.value().matches("s\\d+/\\d+.*");
      return plan.failures() == FOR_GOOD && (!element || task.value().contains("/2"));
    }

    String work(TaskId task) throws IOException {
      disk.executes(task);
      Plan plan = plans.get(Integer.parseInt(task.value().substring(1).split("/")[0]));
      if (failsForGood(task, plan)) {
        throw new PermanentException("never");
      }
      AtomicInteger soFar = failed.computeIfAbsent(task.value(), t -> new AtomicInteger());
      if (soFar.getAndIncrement() < plan.failures() % FOR_GOOD) {
        throw new IOException("not yet");
      }
      return "out of " + task;
    }

    Map<String, String> runCrashing(List<Integer> crashes) throws Exception {
      Path place = Files.createTempDirectory("random-runs");
      try (VirtualTime time = VirtualTime.create()) {
        for (int crash : crashes) {
          Map<String, String> end = run(time, place, crash);
          if (!end.isEmpty()) {
            return end;
          }
        }
        return run(time, place, Integer.MAX_VALUE);
      } finally {
        Files.delete(place);
      }
    }

    /** {@return how it ended; empty after a crash} */
    private Map<String, String> run(VirtualTime time, Path place, int commits) throws Exception {
      ScriptedAgent agent =
          ScriptedAgent.named("scripted")
              .capabilities(Capability.PROMPT_AFTER_START)
              .otherwise(Turn.says("x").uses(SOME))
              .build();
      try (Maestro maestro =
              Maestro.builder()
                  .store(disk.reopened())
                  .owner("test")
                  .discoverNothing()
                  .provider(new Working(agent, this))
                  .time(time)
                  .workspaces(DirectoryWorkspaces.at(place))
                  .step("work", "1", c -> work(c.attempt().task()))
                  .build();
          Ticking ticking = new Ticking(time)) {
        ticking.start();
        disk.dieAfter(commits);
        CompletableFuture<RunResult> end;
        try {
          Run run = maestro.start(pipeline(), RunId.of("r"), inputs());
          end = run.completion().toCompletableFuture();
          return Map.copyOf(outcome(end.get(120, TimeUnit.SECONDS)));
        } catch (ExecutionException e) {
          assertThat(e).hasStackTraceContaining("crashed");
          return Map.of();
        } catch (MaestroException e) {
          assertThat(e).hasStackTraceContaining("crashed");
          return Map.of();
        }
      }
    }

    private static Map<String, String> outcome(RunResult result) {
      Map<String, String> outcome = new TreeMap<>();
      outcome.put("run", result.status().name());
      result
          .snapshot()
          .tasks()
          .forEach(
              task ->
                  outcome.put(
                      task.id().value(),
                      task.state() + " " + result.text(task.step().output()).orElse("")));
      return new HashMap<>(outcome);
    }
  }

  /** An agent that does what the world says, once it is launched. */
  private record Working(ScriptedAgent agent, World world) implements AgentProvider {
    @Override
    public ProviderId id() {
      return agent.id();
    }

    @Override
    public Capabilities capabilities() {
      return agent.capabilities();
    }

    @Override
    public Installation detect() {
      return agent.detect();
    }

    @Override
    public List<Model> models() {
      return agent.models();
    }

    @Override
    public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation) {
      listener.on(new AgentEvent.Launched(null));
      TaskId task = request.attempt().task();
      world.launches.computeIfAbsent(task.value(), t -> new AtomicInteger()).incrementAndGet();
      try {
        return AgentReply.completed(world.work(task), SOME);
      } catch (IOException e) {
        return AgentReply.failed(Failure.of(ErrorClass.TRANSIENT, "not yet"), SOME);
      } catch (PermanentException e) {
        return AgentReply.failed(Failure.of(ErrorClass.PERMANENT, "never"), SOME);
      }
    }
  }
}
