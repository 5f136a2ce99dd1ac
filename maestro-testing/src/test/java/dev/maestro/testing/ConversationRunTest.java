package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Conversation;
import dev.maestro.agent.Conversation.Message;
import dev.maestro.agent.Persona;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.HandOff;
import dev.maestro.run.ConversationSnapshot;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreException;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Conversations: kept in the store, gone on with after a crash, handed off when they are full. */
@Timeout(300)
class ConversationRunTest {

  private static final TaskId A = TaskId.of("a");
  private static final Actor ANNA = Actor.of("anna");

  @TempDir Path directory;

  private final VirtualTime time = VirtualTime.create();
  private final Disk disk = new Disk(InMemoryStore.create());
  private final List<Conversation> heard = new CopyOnWriteArrayList<>();

  private MaestroBuilder maestro(ScriptedAgent agent) {
    return Maestro.builder()
        .discoverNothing()
        .owner("test")
        .store(disk.reopened())
        .time(time)
        .secrets(name -> Optional.ofNullable(Map.of("TOKEN", "hunter2-hunter2").get(name)))
        .workspaces(DirectoryWorkspaces.at(directory))
        .provider(agent);
  }

  private static Pipeline one(Consumer<StepBuilder> step) {
    return Pipeline.named("p")
        .step(
            "a",
            s -> {
              s.agent("x").prompt("do it").attempts(4).backoff(Backoff.NONE);
              step.accept(s);
            })
        .build();
  }

  private static List<RunEvent> events(Run run) {
    return run.journal(1).stream().map(RunRecord::event).toList();
  }

  /** What a provider without sessions of its own does: each turn adds to what was kept. */
  private void talk(AgentRequest request, AgentListener listener, String... said) {
    SessionId session = request.resumes().orElse(SessionId.of("talk"));
    listener.on(new AgentEvent.SessionStarted(session));
    List<Message> all = new ArrayList<>();
    request
        .resumes()
        .flatMap(request.conversations()::find)
        .ifPresent(
            before -> {
              heard.add(before);
              all.addAll(before.messages());
            });
    for (String message : said) {
      all.add(new Message("user", request.prompt(), time.instant()));
      all.add(new Message("assistant", message, time.instant()));
      request.conversations().keep(new Conversation(session, "model-1", all));
    }
  }

  private ScriptedAgent.Builder talking(String... said) {
    return ScriptedAgent.named("chat")
        .otherwise(Turn.says("done").does((request, listener) -> talk(request, listener, said)));
  }

  private static List<String> texts(Conversation conversation) {
    return conversation.messages().stream()
        .filter(message -> message.role().equals("assistant"))
        .map(Message::content)
        .toList();
  }

  // ------------------------------------------------------------------ kept

  @Test
  void afterACrashTheNextLaunchGoesOnWithAllThatWasSaid() throws Exception {
    ScriptedAgent agent = talking("one", "two").build();
    try (Maestro maestro = maestro(agent).build()) {
      disk.dieAt(RunEvent.Acted.class);
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      assertThatThrownBy(run::await).isInstanceOf(StoreException.class);
    }

    try (Maestro maestro = maestro(agent).build()) {
      Run run = maestro.recover().runs().get(0);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);

      assertThat(heard).singleElement();
      assertThat(texts(heard.get(0))).containsExactly("one", "two");
      assertThat(heard.get(0).model()).isEqualTo("model-1");
      assertThat(agent.launches().get(1).request().session()).isEqualTo(SessionId.of("talk"));
      assertThat(texts(last(run))).containsExactly("one", "two", "one", "two");
    }
  }

  private static Conversation last(Run run) {
    List<ConversationSnapshot> all = run.conversations(A);
    return run.conversation(all.get(all.size() - 1));
  }

  @Test
  void onlyWhatIsNewIsWritten() throws Exception {
    String[] said = new String[100];
    Arrays.setAll(said, i -> "turn " + i);
    ScriptedAgent agent = talking(said).build();
    try (Maestro maestro = maestro(agent).build()) {
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      run.await();

      List<RunEvent.ConversationKept> kept =
          events(run).stream()
              .filter(RunEvent.ConversationKept.class::isInstance)
              .map(RunEvent.ConversationKept.class::cast)
              .toList();
      assertThat(kept).hasSize(100);
      assertThat(kept).allMatch(one -> one.parts().size() <= 32);
      assertThat(kept.get(10).parts().subList(0, 10)).isEqualTo(kept.get(9).parts());
      assertThat(texts(last(run))).containsExactly(said);
      assertThat(last(run).messages()).hasSize(200);
    }
  }

  @Test
  void whatAProviderHasShortenedIsWrittenAnew() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("chat")
            .otherwise(
                Turn.says("done")
                    .does(
                        (request, listener) -> {
                          SessionId session = SessionId.of("talk");
                          listener.on(new AgentEvent.SessionStarted(session));
                          Message first = new Message("user", "long", time.instant());
                          Message second = new Message("user", "short", time.instant());
                          request
                              .conversations()
                              .keep(new Conversation(session, null, List.of(first, first)));
                          request
                              .conversations()
                              .keep(new Conversation(session, null, List.of(second)));
                        }))
            .build();
    try (Maestro maestro = maestro(agent).build()) {
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      run.await();

      assertThat(last(run).messages()).extracting(Message::content).containsExactly("short");
    }
  }

  @Test
  void secretsAreTakenOutOfWhatIsKept() throws Exception {
    ScriptedAgent agent = talking("{\"token\": \"hunter2-hunter2\"}").build();
    try (Maestro maestro = maestro(agent).build()) {
      Run run = maestro.start(one(s -> s.secret("TOKEN")), RunId.of("r"), Inputs.none());
      run.await();

      assertThat(texts(last(run))).containsExactly("{\"token\": \"***\"}");
    }
  }

  @Test
  void anEarlierStateCanBeGoneBackTo() throws Exception {
    ScriptedAgent agent = talking("one", "two").build();
    try (Maestro maestro = maestro(agent).build()) {
      Pipeline pipeline =
          Pipeline.named("p")
              .step("a", s -> s.agent("x").prompt("do it"))
              .step("b", s -> s.approval("go on?").after("a"))
              .build();
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.await();
      List<ConversationSnapshot> all = run.conversations(A);
      assertThat(all)
          .extracting(ConversationSnapshot::kind)
          .contains(ConversationSnapshot.Kind.AUTO);

      ConversationSnapshot back = run.goBackTo(all.get(0));
      assertThat(back.kind()).isEqualTo(ConversationSnapshot.Kind.MANUAL);
      assertThat(run.conversation(back)).isEqualTo(run.conversation(all.get(0)));
      run.rework(A, "differently", ANNA);
      run.await();

      assertThat(texts(heard.get(0))).containsExactly("one");
    }
  }

  @Test
  void aConversationIsKeptBySomebodyOnlyWhileNobodyIsAtWorkAndWhereThereIsOne() throws Exception {
    ScriptedAgent agent = talking("one").build();
    try (Maestro maestro = maestro(agent).build()) {
      Pipeline pipeline =
          Pipeline.named("p")
              .step("a", s -> s.agent("x").prompt("do it"))
              .step("b", s -> s.approval("go on?").after("a"))
              .build();
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.await();

      assertThat(run.keepConversation(TaskId.of("b"))).isEmpty();
      ConversationSnapshot kept = run.keepConversation(A).orElseThrow();
      assertThat(run.conversations(A)).last().isEqualTo(kept);
      run.cancel("enough", ANNA);
      assertThatThrownBy(() -> run.goBackTo(kept)).isInstanceOf(RefusedException.class);
    }
  }

  // ------------------------------------------------------------------ handed off

  private static Turn fills(long used, Long window) {
    return Turn.says("half of it is done")
        .session("first")
        .emits(new AgentEvent.ContextFilled(used, window))
        .writes("a.txt", "bad");
  }

  private ScriptedAgent filling(Turn first) {
    return ScriptedAgent.named("chat")
        .otherwise(first)
        .then(Turn.says("done").session("second").writes("a.txt", "good"))
        .build();
  }

  private List<RunEvent> handedOff(ScriptedAgent agent, Consumer<StepBuilder> step)
      throws Exception {
    try (Maestro maestro = maestro(agent).build()) {
      Run run =
          maestro.start(
              one(
                  s -> {
                    s.gate(Gate.command("grep", "-q", "good", "a.txt"));
                    step.accept(s);
                  }),
              RunId.of("r"),
              Inputs.none());
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      return events(run);
    }
  }

  @Test
  void at91PercentTheNextLaunchBeginsANewConversationAndIsToldWhatIsThere() throws Exception {
    ScriptedAgent agent = filling(fills(91_000, 100_000L));

    List<RunEvent> events = handedOff(agent, s -> s.handOff(HandOff.USUAL));

    AgentRequest second = agent.launches().get(1).request();
    assertThat(second.session()).isNull();
    assertThat(second.prompt())
        .contains("## A new conversation", "91 %", "half of it is done", "## What has changed")
        .contains("a.txt");
    assertThat(events)
        .filteredOn(RunEvent.HandedOff.class::isInstance)
        .singleElement()
        .satisfies(
            event -> {
              RunEvent.HandedOff end = (RunEvent.HandedOff) event;
              assertThat(end.session()).isEqualTo(SessionId.of("first"));
              assertThat(end.used()).isEqualTo(91_000);
            });
  }

  @Test
  void belowThatItGoesOnInTheSameConversation() throws Exception {
    ScriptedAgent agent = filling(fills(89_000, 100_000L));

    List<RunEvent> events = handedOff(agent, s -> s.handOff(HandOff.USUAL));

    assertThat(agent.launches().get(1).request().session()).isEqualTo(SessionId.of("first"));
    assertThat(agent.launches().get(1).request().prompt()).doesNotContain("new conversation");
    assertThat(events).noneMatch(RunEvent.HandedOff.class::isInstance);
  }

  @Test
  void nothingIsHandedOffUnlessThatIsSwitchedOn() throws Exception {
    ScriptedAgent agent = filling(fills(99_000, 100_000L));

    handedOff(agent, s -> {});

    assertThat(agent.launches().get(1).request().session()).isEqualTo(SessionId.of("first"));
  }

  @Test
  void howMuchFitsIsKnownOfTheModelWhereTheProviderDoesNotTell() throws Exception {
    ScriptedAgent agent = filling(fills(999_000, null));

    handedOff(agent, s -> s.model("claude-sonnet-5-5").handOff(90));

    assertThat(agent.launches().get(1).request().session()).isNull();
  }

  @Test
  void aPersonaSaysWhenItsConversationsAreHandedOff() throws Exception {
    ScriptedAgent agent = filling(fills(60, 100L));
    try (Maestro maestro = maestro(agent).persona(Persona.named("x").handOffAt(50)).build()) {
      Pipeline pipeline = one(s -> s.gate(Gate.command("grep", "-q", "good", "a.txt")));
      maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
    }

    assertThat(agent.launches().get(1).request().session()).isNull();
  }

  @Test
  void aStepThatContinuesAnotherIsToldWhenThatOnesConversationWasFull() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("chat")
            .on("a", fills(95, 100L))
            .on("b", Turn.says("done").session("second"))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .handOff(90)
            .step("a", s -> s.agent("x").prompt("begin"))
            .step("b", s -> s.agent("x").prompt("go on").continues("a"))
            .build();
    try (Maestro maestro = maestro(agent).build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    AgentRequest second = agent.launches("b").get(0).request();
    assertThat(second.session()).isNull();
    assertThat(second.prompt()).contains("half of it is done");
  }

  @Test
  void whatIsDoneAgainFromTheStartIsToldNothingOfAConversationBefore() throws Exception {
    Turn made = Turn.says("made");
    ScriptedAgent agent =
        ScriptedAgent.named("chat")
            .on("a", made)
            .then(made)
            .on("b", fills(95, 100L))
            .then(Turn.says("done").session("second"))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .handOff(90)
            .step("a", s -> s.agent("x").prompt("begin"))
            .step("b", s -> s.agent("x").prompt("go on").after("a"))
            .step("c", s -> s.approval("go on?").after("b"))
            .build();
    try (Maestro maestro = maestro(agent).build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.await();
      run.rework(A, "differently", ANNA);
      run.await();
    }

    assertThat(agent.launches("b")).hasSize(2);
    assertThat(agent.launches("b").get(1).request().prompt()).doesNotContain("new conversation");
  }

  @Test
  void aConversationThatNoLongerFitsIsNotGoneOnWith() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("chat")
            .otherwise(Turn.failing(ErrorClass.CONTEXT_OVERFLOW, "too long").session("first"))
            .then(Turn.says("done").session("second").writes("a.txt", "good"))
            .build();

    handedOff(agent, s -> {});

    assertThat(agent.launches().get(1).request().session()).isNull();
  }
}
