package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.attempt.Transcripts;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.RunEvent;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.store.StoreSource;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two attempts that write their transcripts at the same time, into a store that is slow to take it.
 */
@Timeout(300)
class TranscriptsAtOnceTest {

  private static final TaskId LEFT = TaskId.of("left");
  private static final TaskId RIGHT = TaskId.of("right");
  private static final String MUCH = "x".repeat(4_000);
  private static final int PARTS = 12;

  @TempDir Path directory;

  /** What happens before bytes are taken. */
  @FunctionalInterface
  private interface Slowness {
    void before(String text) throws Exception;
  }

  private static StoreSource slow(Slowness slowness) {
    StoreSource memory = InMemoryStore.create();
    return time -> {
      Store store = memory.open(time);
      return (Store)
          Proxy.newProxyInstance(
              Store.class.getClassLoader(),
              new Class<?>[] {Store.class},
              (proxy, method, arguments) -> invoke(store, method, arguments, slowness));
    };
  }

  private static Object invoke(Store store, Method method, Object[] arguments, Slowness slowness)
      throws Throwable {
    if (method.getName().equals("put")) {
      slowness.before(new String((byte[]) arguments[0], StandardCharsets.UTF_8));
    }
    try {
      return method.invoke(store, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private Maestro open(StoreSource store) {
    return Maestro.builder()
        .store(store)
        .discoverNothing()
        .time(VirtualTime.create())
        .transcripts(Transcripts.ON)
        .workspaces(Rooms.in(directory))
        .provider(
            ScriptedAgent.named("scripted")
                .on("left", turn("on the left"))
                .on("right", turn("on the right"))
                .build())
        .build();
  }

  /** A part is kept at 32 KiB, so that there are two and the end. */
  private static Turn turn(String words) {
    Turn turn = Turn.says("done " + words);
    for (int i = 0; i < PARTS; i++) {
      turn = turn.usesTool("read", "{}", words + " " + i + " " + MUCH);
    }
    return turn;
  }

  private static Pipeline pipeline() {
    return Pipeline.named("p")
        .step("left", s -> s.agent("x").prompt("Go"))
        .step("right", s -> s.agent("x").prompt("Go"))
        .build();
  }

  private static boolean isPart(String text, String words) {
    return text.contains(words) && text.contains(MUCH);
  }

  private static void assertWhole(Run run, TaskId task, String words) {
    String text = run.transcript(task, 1).orElseThrow();
    for (int i = 0; i < PARTS; i++) {
      assertThat(text).contains(words + " " + i + " ");
    }
    assertThat(text).contains("done " + words);
  }

  @Test
  void bothAreInTheStoreAtTheSameTime() throws Exception {
    // neither comes out before the other has come in
    CyclicBarrier both = new CyclicBarrier(2);
    CountDownLatch first = new CountDownLatch(2);
    try (Maestro maestro =
        open(
            slow(
                text -> {
                  if (text.contains("on the left 0 ") || text.contains("on the right 0 ")) {
                    both.await(240, TimeUnit.SECONDS);
                    first.countDown();
                  }
                }))) {
      Run run = maestro.start(pipeline(), RunId.of("r"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(first.getCount()).isZero();
      assertWhole(run, LEFT, "on the left");
      assertWhole(run, RIGHT, "on the right");
    }
  }

  @Test
  void oneThatIsHeldUpDoesNotHoldUpTheOther() throws Exception {
    CountDownLatch heldUp = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch rightIsDone = new CountDownLatch(1);
    try (Maestro maestro =
        open(
            slow(
                text -> {
                  if (isPart(text, "on the left")) {
                    heldUp.countDown();
                    goOn.await();
                  }
                }))) {
      maestro.listen(entry -> note(entry.event(), rightIsDone));
      Run run = maestro.start(pipeline(), RunId.of("r"), Inputs.none());
      assertThat(heldUp.await(240, TimeUnit.SECONDS)).isTrue();
      assertThat(rightIsDone.await(240, TimeUnit.SECONDS)).isTrue();

      assertThat(run.snapshot().task(LEFT).orElseThrow().state()).isEqualTo(TaskState.RUNNING);
      assertWhole(run, RIGHT, "on the right");
      goOn.countDown();
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertWhole(run, LEFT, "on the left");
    } finally {
      goOn.countDown();
    }
  }

  private static void note(RunEvent event, CountDownLatch rightIsDone) {
    if (event.moves().stream()
        .anyMatch(move -> move.task().equals(RIGHT) && move.to() == TaskState.COMPLETED)) {
      rightIsDone.countDown();
    }
  }
}
