package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.hosted.Host;
import dev.maestro.hosted.Hosted;
import dev.maestro.hosted.HostedStep;
import dev.maestro.hosted.Reply;
import dev.maestro.hosted.Submission;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A plain directory, in which everybody sees everybody's files, and hosts that come together. */
@Timeout(300)
class HostedPlaceTest {

  private static final RunId RUN = RunId.of("r");
  private static final RunId OTHER = RunId.of("other");
  private static final Actor ANN = Actor.of("ann");
  private static final Actor BEN = Actor.of("ben");
  private static final Duration HOUR = Duration.ofHours(1);
  // how long a check takes is no matter here
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private final VirtualTime time = VirtualTime.create();
  private final InMemoryStore store = InMemoryStore.create();
  private final CountDownLatch checked = new CountDownLatch(1);
  private Maestro maestro;
  private Hosted hosted;

  @BeforeEach
  void open() {
    GateCheck slow =
        subject -> {
          checked.await();
          return GateCheck.Finding.pass();
        };
    maestro =
        Maestro.builder()
            .store(store)
            .owner("test")
            .discoverNothing()
            .time(time)
            .workspaces(DirectoryWorkspaces.at(directory))
            .gate("slow", "1", slow)
            .build();
    Pipeline two =
        Pipeline.named("two")
            .step("a", s -> s.agent("coder").prompt("Do {{ task }}").output("a"))
            .step("b", s -> s.agent("coder").prompt("Test {{ task }}").output("b"))
            .build();
    Pipeline checked =
        Pipeline.named("checked")
            .step(
                "a",
                s -> s.agent("coder").prompt("{{ task }}").output("a").gate(Gate.code("slow", "1")))
            .build();
    hosted = Hosted.over(maestro).pipeline(two).pipeline(checked).patience(PATIENCE).build();
  }

  @AfterEach
  void close() {
    checked.countDown();
    hosted.close();
    maestro.close();
  }

  private Host start(String pipeline, RunId run) {
    Host ann = hosted.host(ANN);
    Reply started = ann.start(pipeline, run, Inputs.of("task", "it"));
    assertThat(started).as(started.text()).isInstanceOf(Reply.Started.class);
    return ann;
  }

  private static HostedStep next(Host host, RunId run) throws InterruptedException {
    Reply reply = host.next(run, 1);
    assertThat(reply).as(reply.text()).isInstanceOf(Reply.Work.class);
    return ((Reply.Work) reply).steps().get(0);
  }

  private static void isTold(Host host, RunId run, String why) throws InterruptedException {
    Reply reply = host.next(run, 1);
    assertThat(reply).as(reply.text()).isInstanceOf(Reply.Waiting.class);
    assertThat(reply.text()).contains(why);
  }

  private static Reply submit(Host host, RunId run, HostedStep step) throws InterruptedException {
    return host.submit(Submission.of(run, step.task(), "done").claim(step.claim()));
  }

  // ------------------------------------------------------------------ one after the other

  @Test
  void anotherHostIsToldWhoWorksThereAndGetsItsStepWhenThatIsHandedIn() throws Exception {
    Host ann = start("two", RUN);
    Host ben = hosted.host(BEN);
    HostedStep a = next(ann, RUN);

    isTold(
        ben,
        RUN,
        "%s is one actor's at a time: ann works there, on task a of run r, and has it until %s"
            .formatted(directory.toAbsolutePath(), a.until()));
    assertThat(submit(ann, RUN, a)).isInstanceOf(Reply.Accepted.class);

    assertThat(next(ben, RUN).task()).isEqualTo(TaskId.of("b"));
  }

  @Test
  void oneHostMayHaveAllThatIsReady() throws Exception {
    Reply reply = start("two", RUN).next(RUN, 9);

    assertThat(((Reply.Work) reply).steps()).hasSize(2);
  }

  @Test
  void anotherRunInTheSameDirectoryWaitsToo() throws Exception {
    HostedStep a = next(start("two", RUN), RUN);
    start("two", OTHER);
    Host ben = hosted.host(BEN);

    isTold(ben, OTHER, "ann works there, on task a of run r");
    hosted.host(ANN).release(RUN, a.task());

    assertThat(next(ben, OTHER).claim()).isEqualTo(1);
    isTold(hosted.host(ANN), RUN, "ben works there, on task a of run other");
  }

  @Test
  void whoDoesNotComeBackGivesThePlaceBackWhenItsTimeIsOver() throws Exception {
    next(start("two", RUN), RUN);
    start("two", OTHER);

    time.advance(HOUR);

    assertThat(next(hosted.host(BEN), OTHER).task()).isEqualTo(TaskId.of("a"));
  }

  @Test
  void whoWorksThereIsKnownAfterARestart() throws Exception {
    HostedStep a = next(start("two", RUN), RUN);
    start("two", OTHER);
    hosted.close();
    maestro.close();
    open();

    isTold(hosted.host(BEN), OTHER, "ann works there, on task a of run r");
    assertThat(next(hosted.host(ANN), RUN).claim()).isEqualTo(a.claim());
    hosted.host(ANN).release(RUN, a.task());
    assertThat(next(hosted.host(BEN), OTHER).claim()).isEqualTo(1);
  }

  @Test
  void whatWasHandedInIsCheckedBeforeAnotherBegins() throws Exception {
    Host ann = start("checked", RUN);
    start("two", OTHER);
    try (Hosted hasty = Hosted.over(maestro).patience(Duration.ZERO).build()) {
      Reply brought = submit(hasty.host(ANN), RUN, next(ann, RUN));
      assertThat(brought).as(brought.text()).isInstanceOf(Reply.Checking.class);
      isTold(hasty.host(BEN), OTHER, "ann works there, on task a of run r, and has handed it in");
    }

    checked.countDown();
    maestro.find(RUN).orElseThrow().await();

    assertThat(next(hosted.host(BEN), OTHER).task()).isEqualTo(TaskId.of("a"));
  }

  @Test
  void ofManyHostsThatAskForDifferentRunsAtOnceOneWorks() throws Exception {
    int many = 6;
    for (int i = 0; i < many; i++) {
      start("two", RunId.of("r" + i));
    }
    ExecutorService threads = Executors.newFixedThreadPool(many);
    Set<String> working = new HashSet<>();
    try {
      CyclicBarrier together = new CyclicBarrier(many);
      List<Callable<Reply>> tries = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        Host host = hosted.host(Actor.of("host-" + i));
        RunId run = RunId.of("r" + i);
        tries.add(
            () -> {
              together.await();
              return host.next(run, 1);
            });
      }
      for (Future<Reply> one : threads.invokeAll(tries)) {
        if (one.get() instanceof Reply.Work work) {
          working.add(work.text());
        } else {
          assertThat(one.get().text()).contains("is one actor's at a time");
        }
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(working).hasSize(1);
  }

  // ------------------------------------------------------------------ without a host

  @Test
  void whoClaimsInPersonIsRefusedWithTheReason() throws Exception {
    next(start("two", RUN), RUN);
    Run run = maestro.find(RUN).orElseThrow();

    assertThatThrownBy(() -> run.claim(TaskId.of("b"), BEN, HOUR))
        .isInstanceOf(RefusedException.class)
        .satisfies(e -> assertThat(((RefusedException) e).code()).isEqualTo("place-taken"));
    assertThat(run.claim(TaskId.of("a"), BEN, HOUR)).isEmpty();
    assertThat(run.claim(TaskId.of("b"), ANN, HOUR)).isPresent();
  }
}
