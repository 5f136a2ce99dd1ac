package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramsTest {

  @TempDir Path directory;

  @Test
  void findsTheScriptBehindWhatNpmInstalls() throws IOException {
    Path root = Files.createDirectories(directory.resolve("lib/node_modules/@qwen-code/qwen-code"));
    Path script = Files.writeString(root.resolve("cli.js"), "");
    Path wrapper =
        Files.writeString(Files.createDirectory(root.resolve("bin")).resolve("q.js"), "");
    Path program = Files.createSymbolicLink(directory.resolve("qwen"), wrapper);

    assertThat(Programs.script(program, "qwen-code", "cli.js")).contains(script.toRealPath());
  }

  @Test
  void takesTheProgramAsItIsWhereItIsLaidOutOtherwise() throws IOException {
    Path program = Files.writeString(directory.resolve("qwen"), "");

    assertThat(Programs.script(program, "qwen-code", "cli.js")).isEmpty();
    assertThat(Programs.script(directory.resolve("nothing"), "qwen-code", "cli.js")).isEmpty();
  }
}
