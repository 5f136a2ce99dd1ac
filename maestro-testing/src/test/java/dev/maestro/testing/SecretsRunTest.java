package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.agent.Capability;
import dev.maestro.approval.Answer;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Output;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Secret;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.Guardrail;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.store.BlobId;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever says a secret, nothing that is stored or told to others has it. */
@Timeout(300)
class SecretsRunTest {

  private static final String TOKEN = "s3cr3t-value-of-token-xyz";
  private static final String SHAPE = "AKIAIOSFODNN7EXAMPLE";
  private static final Actor ANN = Actor.of("ann");

  @TempDir Path directory;

  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted")
          .capabilities(Capability.SESSIONS)
          .otherwise(Turn.says("done"))
          .build();

  private MaestroBuilder builder() {
    return Maestro.builder()
        .store(InMemoryStore.create())
        .owner("test")
        .discoverNothing()
        .provider(agent)
        .secrets(name -> name.equals("TOKEN") ? Optional.of(TOKEN) : Optional.empty())
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  private static void assertHidden(Maestro maestro, Run run) {
    List<RunEvent> events = run.journal(0).stream().map(RunRecord::event).toList();
    assertThat(events).isNotEmpty();
    for (RunEvent event : events) {
      assertThat(event.toString()).doesNotContain(TOKEN, SHAPE);
      if (event instanceof RunEvent.Intent intent) {
        byte[] prompt = maestro.blob(new BlobId(intent.promptHash())).orElseThrow();
        assertThat(new String(prompt, StandardCharsets.UTF_8)).doesNotContain(TOKEN, SHAPE);
      }
    }
  }

  @Test
  void whatCodeReturnsOrFailsWithHasNone() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .guard(Guardrail.secrets())
            .step("uses", s -> s.agent("engineer").prompt("go").secret(Secret.named("TOKEN")))
            .step("text", s -> s.code("text", "1").output("text"))
            .step("object", s -> s.code("object", "1").output(Output.json("object", Map.class)))
            .step("boom", s -> s.code("boom", "1"))
            .step(
                "says",
                s ->
                    s.agent("engineer")
                        .after("text", "object")
                        .prompt("know {{ text }} {{ object }}"))
            .step("asks", s -> s.approval("Is {{ text }} right?").after("text"))
            .build();
    try (Maestro maestro =
        builder()
            .step("text", "1", c -> "it is " + TOKEN + " and " + SHAPE)
            .step("object", "1", c -> Map.of("a", List.of("x " + TOKEN), TOKEN, 5))
            .step(
                "boom",
                "1",
                c -> {
                  throw new IllegalStateException("no " + TOKEN + " " + SHAPE);
                })
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.await();

      assertHidden(maestro, run);
      assertThat(run.result().questions()).singleElement().asString().contains("it is ***");
      assertThat(agent.launches("says")).hasSize(1);
    }
  }

  @Test
  void whatPeopleSayIsStoredAndToldWithoutThem() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .guard(Guardrail.secrets())
            .step(
                "x",
                s ->
                    s.agent("engineer")
                        .prompt("go")
                        .secret(Secret.named("TOKEN"))
                        .review()
                        .attempts(5))
            .build();
    String said = "use " + TOKEN + " or " + SHAPE;
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.await();
      run.answer(run.result().questions().get(0).id(), Answer.changes(said), ANN);
      run.await();
      run.pause(said, ANN);
      run.resume(ANN);
      run.stop(said, ANN);
      run.resume(ANN);
      run.await();
      run.rework(TaskId.of("x"), said, ANN);
      run.await();
      run.cancel(said, ANN);
      run.await();

      assertHidden(maestro, run);
      assertThat(agent.launches("x")).hasSize(3);
      assertThat(agent.launches("x").get(1).request().prompt()).contains("use *** or ***");
    }
  }

  @Test
  void whatIsWrittenDownInAnotherFormHasNone() throws Exception {
    String key = "-----BEGIN X-----\nabcdefghijklmnop\nqrstuvwxyz012345\n-----END X-----";
    String password = "s3cr3t/value+of token&1";
    byte[] user = ("ann:" + password).getBytes(StandardCharsets.UTF_8);
    String basic = Base64.getEncoder().encodeToString(user);
    String address = "https://x.org/?p=" + URLEncoder.encode(password, StandardCharsets.UTF_8);
    String said = "Basic " + basic + "\n" + address + "\n" + key.indent(4);
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "x",
                s ->
                    s.agent("engineer")
                        .prompt("go")
                        .secret(Secret.named("KEY"))
                        .secret(Secret.named("PASSWORD"))
                        .output("o"))
            .build();
    Map<String, String> values = Map.of("KEY", key, "PASSWORD", password);
    ScriptedAgent tells = ScriptedAgent.named("scripted").otherwise(Turn.says(said)).build();
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .discoverNothing()
            .provider(tells)
            .secrets(name -> Optional.ofNullable(values.get(name)))
            .workspaces(DirectoryWorkspaces.at(directory))
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.await();

      String all = run.journal(0).toString();
      assertThat(all).contains("Basic ", "https://x.org/?p=***", "-----BEGIN X-----");
      assertThat(all).doesNotContain("abcdefgh", "qrstuvwx", "s3cr3t%2F", basic.substring(8, 24));
    }
  }

  @Test
  void whatARunIsStartedWithHasNoneWhereItsPipelineSaysSo() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .guard(Guardrail.secrets())
            .step("x", s -> s.agent("engineer").prompt("do {{ task }}"))
            .step("asks", s -> s.approval("Is {{ task }} right?").after("x"))
            .build();
    Inputs inputs = Inputs.of("task", "use " + SHAPE);
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), inputs);
      run.await();

      assertHidden(maestro, run);
      assertThat(run.result().questions()).singleElement().asString().contains("use *** right");
      maestro.start(pipeline, RunId.of("r"), inputs).await();
      assertThat(agent.launches()).as("it is the same run").hasSize(1);
    }
  }

  @Test
  void aQuestionOfAStepHasNoneOfWhatItIsAskedWith() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("x", s -> s.agent("engineer").prompt("go").secret(Secret.named("TOKEN")))
            .step("asks", s -> s.approval("Is {{ task }} right?").after("x"))
            .build();
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.of("task", "use " + TOKEN));
      run.await();

      assertThat(run.result().questions()).singleElement().asString().contains("use *** right");
    }
  }

  @Test
  void noRunIsStartedWithOneWhereTheyAreRefused() {
    Pipeline pipeline =
        Pipeline.named("p")
            .guard(Guardrail.noSecrets())
            .step("x", s -> s.agent("engineer").prompt("do {{ task }}"))
            .build();
    Inputs inputs = Inputs.of("task", "first line\n" + "use " + SHAPE);
    try (Maestro maestro = builder().build()) {
      assertThatThrownBy(() -> maestro.start(pipeline, RunId.of("r"), inputs))
          .isInstanceOf(InvalidDefinitionException.class)
          .hasMessageContaining("AWS access key")
          .hasMessageNotContaining(SHAPE);
      assertThat(maestro.find(RunId.of("r"))).isEmpty();
    }
  }

  @Test
  void whatRulesOfTheApplicationFailWithHasNone() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "x",
                s ->
                    s.agent("engineer")
                        .prompt("go")
                        .secret(Secret.named("TOKEN"))
                        .confidence(Confidence.DEFAULT.judges("j")))
            .build();
    try (Maestro maestro =
        builder()
            .shadow(
                launch -> {
                  throw new IllegalStateException("no " + TOKEN);
                })
            .judge(
                "j",
                context -> {
                  throw new IllegalStateException("no " + TOKEN);
                })
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      assertThat(run.await().isSuccess()).isFalse();

      assertHidden(maestro, run);
    }
  }
}
