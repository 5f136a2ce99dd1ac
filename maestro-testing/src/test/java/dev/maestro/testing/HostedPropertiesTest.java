package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.hosted.Host;
import dev.maestro.hosted.Hosted;
import dev.maestro.hosted.HostedStep;
import dev.maestro.hosted.Reply;
import dev.maestro.hosted.Submission;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.Move;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Transitions;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Whatever hosts call, in whatever order, and however often Maestro is begun anew in between. */
class HostedPropertiesTest {

  private static final RunId RUN = RunId.of("r");
  private static final int ATTEMPTS = 3;
  private static final Pipeline PIPELINE =
      Pipeline.named("p")
          .step(
              "a",
              s ->
                  s.agent("x")
                      .prompt("a {{ task }}")
                      .output("a")
                      .gate(Gate.code("good", "1"))
                      .attempts(ATTEMPTS))
          .step("b", s -> s.agent("x").prompt("b").gate(Gate.code("good", "1")).attempts(ATTEMPTS))
          .step("ok", s -> s.approval("Is {{ a }} fine?").after("a"))
          .step("c", s -> s.agent("x").prompt("c {{ a }}").after("ok", "b").attempts(ATTEMPTS))
          .build();

  /** What a host may do. */
  enum Deed {
    /** Ask for one step. */
    NEXT,
    /** Ask for all. */
    NEXT_ALL,
    /** Hand in what was handed out last, well done. */
    GOOD,
    /** Hand it in, badly done. */
    BAD,
    /** Hand in something that was handed out long ago. */
    OLD,
    /** Say that it cannot be done. */
    FAIL,
    /** Give it back. */
    RELEASE,
    /** Say yes to a question. */
    YES,
    /** Request changes. */
    CHANGES,
    /** Begin Maestro anew. */
    RESTART,
    /** Let all that is handed out lapse. */
    LAPSE,
    /** Say something that nobody understands. */
    NONSENSE
  }

  /**
   * One call.
   *
   * @param host which of the hosts
   * @param deed what it does
   */
  record Call(int host, Deed deed) {}

  @Provide
  Arbitrary<List<Call>> calls() {
    Arbitrary<Deed> deeds =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.of(Deed.NEXT, Deed.NEXT_ALL, Deed.GOOD)),
            Tuple.of(2, Arbitraries.of(Deed.values())));
    return Combinators.combine(Arbitraries.integers().between(0, 1), deeds)
        .as(Call::new)
        .list()
        .ofMaxSize(15);
  }

  @Property(tries = 25)
  void nothingLeadsOutOfTheLifecycleAndAttemptsAreCounted(@ForAll("calls") List<Call> calls)
      throws IOException, InterruptedException {
    Path place = Files.createTempDirectory("hosted");
    World world = new World(place);
    try {
      for (Call call : calls) {
        world.take(call);
      }
      world.finish();
      world.check();
    } finally {
      world.close();
      Files.delete(place);
    }
  }

  /** A store, whoever is on it now, and what the hosts remember. */
  private static final class World {

    private final InMemoryStore store = InMemoryStore.create();
    private final VirtualTime time = VirtualTime.create();
    private final List<HostedStep> handed = new ArrayList<>();
    private final Path place;
    private Maestro maestro;
    private Hosted hosted;

    World(Path place) {
      this.place = place;
      open();
      host(0).start("p", RUN, Inputs.of("task", "it"));
    }

    private void open() {
      GateCheck good =
          subject ->
              goodOf(subject.attempt().task())
                  ? GateCheck.Finding.pass()
                  : GateCheck.Finding.fail("badly done");
      maestro =
          Maestro.builder()
              .store(store)
              .owner("test")
              .time(time)
              .discoverNothing()
              .workspaces(DirectoryWorkspaces.at(place))
              .gate("good", "1", good)
              .build();
      hosted = Hosted.over(maestro).pipeline(PIPELINE).patience(Duration.ofSeconds(5)).build();
    }

    private boolean goodOf(TaskId task) {
      return maestro.find(RUN).orElseThrow().journal(1).stream()
          .filter(entry -> entry.event() instanceof RunEvent.Delivered)
          .map(entry -> (RunEvent.Delivered) entry.event())
          .filter(one -> one.task().equals(task))
          .reduce((first, second) -> second)
          .map(last -> String.valueOf(last.output()).contains("good"))
          .orElse(false);
    }

    private Host host(int number) {
      return hosted.host(Actor.of("host-" + number));
    }

    void take(Call call) throws InterruptedException {
      Host host = host(call.host());
      switch (call.deed()) {
        case NEXT -> note(host.next(RUN, 1));
        case NEXT_ALL -> note(host.next(RUN, 9));
        case GOOD -> handIn(host, "good", handed.size() - 1);
        case BAD -> handIn(host, "bad", handed.size() - 1);
        case OLD -> handIn(host, "good", 0);
        case FAIL -> {
          if (!handed.isEmpty()) {
            host.submit(Submission.failed(RUN, handed.get(handed.size() - 1).task(), "no"));
          }
        }
        case RELEASE -> handed.stream().findFirst().ifPresent(one -> host.release(RUN, one.task()));
        case YES -> answer(Answer.approve());
        case CHANGES -> answer(Answer.changes("otherwise"));
        case RESTART -> {
          close();
          open();
        }
        case LAPSE -> time.advance(Duration.ofHours(1));
        case NONSENSE ->
            assertThat(host.dispatch("frobnicate " + call)).isInstanceOf(Reply.Refused.class);
      }
    }

    private void note(Reply reply) {
      if (reply instanceof Reply.Work work) {
        handed.addAll(work.steps());
      }
    }

    private void handIn(Host host, String how, int which) throws InterruptedException {
      if (which >= 0 && which < handed.size()) {
        HostedStep step = handed.get(which);
        host.submit(Submission.of(RUN, step.task(), how).claim(step.claim()));
      }
    }

    private void answer(Answer answer) {
      for (Question question : maestro.find(RUN).orElseThrow().snapshot().questions()) {
        host(0).approve(RUN, question.id(), answer.to(question));
      }
    }

    /** Whatever has been, one diligent host brings it to an end. */
    void finish() throws InterruptedException {
      time.advance(Duration.ofHours(1));
      Host host = host(0);
      Reply reply = host.next(RUN, 1);
      for (int calls = 0; !(reply instanceof Reply.Ended) && calls < 40; calls++) {
        if (reply instanceof Reply.Work work) {
          HostedStep step = work.steps().get(0);
          host.submit(Submission.of(RUN, step.task(), "good").claim(step.claim()));
        } else {
          answer(Answer.approve());
          time.advance(Duration.ofMinutes(2));
        }
        reply = host.next(RUN, 1);
      }
      assertThat(reply).as(reply.text()).isInstanceOf(Reply.Ended.class);
    }

    void check() {
      RunSnapshot run = maestro.find(RUN).orElseThrow().snapshot();
      List<RunRecord> journal = maestro.find(RUN).orElseThrow().journal(1);
      assertThat(run.status()).isIn(RunStatus.SUCCEEDED, RunStatus.FAILED);
      for (Task task : run.tasks()) {
        assertThat(task.launches()).isZero();
        assertThat(task.attempt()).isLessThanOrEqualTo(task.allowedAttempts());
      }
      Map<TaskId, Integer> claims = new HashMap<>();
      for (RunRecord entry : journal) {
        for (Move move : entry.event().moves()) {
          assertThat(Transitions.allows(move.from(), move.to())).as(move.toString()).isTrue();
        }
        if (entry.event() instanceof RunEvent.TaskClaimed claimed) {
          int last = claims.getOrDefault(claimed.task(), 0);
          assertThat(claimed.claim().number()).isBetween(Math.max(1, last), last + 1);
          claims.put(claimed.task(), claimed.claim().number());
        } else if (entry.event() instanceof RunEvent.Delivered delivered) {
          assertThat(claims).containsEntry(delivered.task(), delivered.number());
        }
      }
    }

    void close() {
      hosted.close();
      maestro.close();
    }
  }
}
