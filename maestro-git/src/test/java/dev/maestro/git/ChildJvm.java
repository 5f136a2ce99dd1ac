package dev.maestro.git;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs a class of the tests in a JVM of its own, which can be killed. */
final class ChildJvm {

  private ChildJvm() {}

  static Process start(Class<?> main, Map<String, String> environment, String... arguments)
      throws IOException {
    return builder(main, environment, arguments).inheritIO().start();
  }

  static Process start(
      Class<?> main, Path output, Map<String, String> environment, String... arguments)
      throws IOException {
    return builder(main, environment, arguments).redirectOutput(output.toFile()).start();
  }

  private static ProcessBuilder builder(
      Class<?> main, Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xshare:auto");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return builder;
  }
}
