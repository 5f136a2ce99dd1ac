package dev.maestro.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.pipeline.Pipeline;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class McpOptionsTest {

  @TempDir Path directory;

  @Test
  void whatIsToldIsTakenAndTheRestIsAsUsual() throws Exception {
    Path tokens =
        Files.writeString(directory.resolve("tokens"), "ann token-of-ann\n\nben token-of-ben\n");
    McpOptions options =
        McpOptions.of(
            "--http", "0", "--tokens", tokens.toString(), "--lease", "5", "--patience", "3");

    assertThat(options.port()).hasValue(0);
    assertThat(options.tokens()).containsEntry("token-of-ann", "ann").hasSize(2);
    Files.writeString(tokens, "ann token-of-both\nben token-of-both\n");
    assertThatThrownBy(options::tokens).hasMessageEndingWith("one token to ann and ben");
    assertThat(options.lease()).contains(Duration.ofMinutes(5));
    assertThat(options.patience()).isEqualTo(Duration.ofSeconds(3));
    assertThat(options.store()).isEqualTo(Path.of(".maestro"));
    assertThat(McpOptions.of().host()).isEqualTo("host");
  }

  @Test
  void whatCannotBeUnderstoodIsSaid() {
    for (String[] wrong :
        new String[][] {
          {"--dance"},
          {"--store"},
          {"--http", "many"},
          {"--http", "1"},
          {"--tokens", "x"},
          {"--lease", "-1"}
        }) {
      assertThatThrownBy(() -> McpOptions.of(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void pipelinesAreReadFromAFileOrADirectory() throws Exception {
    Path pipelines = Workflows.write(directory);
    Files.writeString(pipelines.resolve("notes.txt"), "no pipeline");

    for (Path path : new Path[] {pipelines, pipelines.resolve("tdd.yaml")}) {
      assertThat(McpOptions.of("--pipelines", path.toString()).pipelines())
          .extracting(Pipeline::name)
          .containsExactly("tdd");
    }
    McpOptions nowhere = McpOptions.of("--pipelines", directory.resolve("nowhere").toString());
    assertThatThrownBy(nowhere::pipelines).hasMessageContaining("nowhere");
  }

  @Test
  void aProgramThatCannotBeginSaysSoByItsCode() throws Exception {
    InputStream nothing = InputStream.nullInputStream();

    assertThat(McpMain.run(new String[] {"--help"}, nothing, System.out)).isZero();
    assertThat(McpMain.run(new String[] {"--dance"}, nothing, System.out)).isEqualTo(2);
    Path broken = Files.writeString(directory.resolve("broken.yaml"), "name: x\nsteps: []\n");
    String store = directory.resolve("store").toString();
    String[] args = {"--pipelines", broken.toString(), "--store", store};
    assertThat(McpMain.run(args, nothing, System.out)).isEqualTo(1);
  }
}
