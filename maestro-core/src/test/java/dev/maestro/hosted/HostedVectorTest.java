package dev.maestro.hosted;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.Maestro;
import dev.maestro.Vectors;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineFormat;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** A host that carries out the sample workflows is handed their batches, one after the other. */
class HostedVectorTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> SOURCE_FIELDS = List.of("id", "agent", "prompt", "depends_on");
  private static final RunId RUN = RunId.of("r");

  @TempDir Path directory;

  @TestFactory
  Stream<DynamicTest> cases() {
    return Vectors.cases("workflow.json", this::check);
  }

  private void check(JsonNode sample) throws InterruptedException {
    JsonNode expected = sample.path("expected");
    if (expected.has("error")) {
      assertThat(refusalOf(sample)).contains(expected.path("error").asText());
    } else {
      assertThat(batches(PipelineFormat.JSON.read(definition(sample))))
          .isEqualTo(sets(expected.path("batches")));
    }
  }

  private static String definition(JsonNode sample) {
    if (sample.has("definition")) {
      return sample.path("definition").toString();
    }
    ObjectNode definition = JSON.createObjectNode().put("name", "w");
    ArrayNode known = definition.putArray("steps");
    sample
        .path("steps")
        .forEach(step -> known.add(((ObjectNode) step.deepCopy()).retain(SOURCE_FIELDS)));
    return definition.toString();
  }

  private static List<String> refusalOf(JsonNode sample) {
    try {
      PipelineFormat.JSON.read(definition(sample));
      return List.of();
    } catch (InvalidDefinitionException e) {
      return e.problems().stream().map(problem -> problem.code()).toList();
    }
  }

  private List<Set<String>> batches(Pipeline pipeline) throws InterruptedException {
    List<Set<String>> batches = new ArrayList<>();
    try (Maestro maestro =
            Maestro.builder()
                .store(InMemoryStore.create())
                .workspaces(DirectoryWorkspaces.at(directory))
                .discoverNothing()
                .build();
        Hosted hosted = Hosted.over(maestro).pipeline(pipeline).build()) {
      Host host = hosted.host(Actor.of("host"));
      assertThat(host.start("w", RUN, Inputs.of("task", "it"))).isInstanceOf(Reply.Started.class);
      Reply reply = host.next(RUN, 100);
      while (reply instanceof Reply.Work work) {
        assertThat(work.steps()).allMatch(step -> step.prompt().strip().equals("do it"));
        batches.add(
            work.steps().stream().map(step -> step.task().value()).collect(Collectors.toSet()));
        for (HostedStep step : work.steps()) {
          Submission done = Submission.of(RUN, step.task(), "done").claim(step.claim());
          assertThat(host.submit(done)).isInstanceOf(Reply.Accepted.class);
        }
        reply = host.next(RUN, 100);
      }
      assertThat(((Reply.Ended) reply).status()).isEqualTo(RunStatus.SUCCEEDED);
    }
    return batches;
  }

  private static List<Set<String>> sets(JsonNode batches) {
    return StreamSupport.stream(batches.spliterator(), false)
        .map(batch -> Set.of(JSON.convertValue(batch, String[].class)))
        .toList();
  }
}
