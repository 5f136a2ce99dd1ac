package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.maestro.pipeline.PipelineFormat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What editors check pipelines with is a file that anybody can write. */
class EditorSchemaTest {

  private static final String SCHEMA = "/dev/maestro/pipeline/pipeline.schema.json";

  @TempDir Path directory;

  @Test
  void anEditorGetsTheSchemaFromAFileBesideThePipelines() throws Exception {
    // sample: editor-schema
    Files.writeString(directory.resolve("pipeline.schema.json"), PipelineFormat.YAML.schema());
    // sample: end

    JsonNode schema =
        new ObjectMapper().readTree(directory.resolve("pipeline.schema.json").toFile());
    assertThat(schema.path("$schema").asText())
        .isEqualTo("https://json-schema.org/draft/2020-12/schema");
    assertThat(schema.path("properties").has("steps")).isTrue();
    assertThat(Files.readString(Path.of("..", "README.md")))
        .contains("# yaml-language-server: $schema=pipeline.schema.json");
  }

  @Test
  void theSchemaOfJsonIsAFileInTheJar() throws Exception {
    try (var file = PipelineFormat.class.getResourceAsStream(SCHEMA)) {
      assertThat(new String(file.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(PipelineFormat.JSON.schema());
    }
  }
}
