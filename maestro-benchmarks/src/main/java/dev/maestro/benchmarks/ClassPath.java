package dev.maestro.benchmarks;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The part of this JVM's class path that a program takes classes from: what its class path would be
 * if it were alone.
 */
final class ClassPath {

  private static final String SOURCE = "source: ";

  private final List<Path> entries;

  private ClassPath(List<Path> entries) {
    this.entries = entries;
  }

  /** Run a program once and see where its classes come from. */
  static ClassPath of(Class<?> main, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command =
        java(
            "-Xlog:class+load:stdout",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(main + " " + arguments + " failed: " + said);
    }
    Set<Path> used =
        said.lines()
            .filter(line -> line.contains(SOURCE + "file:"))
            .map(line -> line.substring(line.indexOf(SOURCE) + SOURCE.length()).strip())
            .map(source -> Path.of(URI.create(source)).toAbsolutePath())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return new ClassPath(entries().filter(used::contains).toList());
  }

  private static Stream<Path> entries() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath());
  }

  /** {@return the command that starts a JVM like this one} */
  static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // peers that tell how they start would fill the screen, and take time for it
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.addAll(List.of(arguments));
    return command;
  }

  /** {@return the entries as a JVM wants to be told of them} */
  static String join(List<Path> entries) {
    return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** Pack what is not packed yet, as it would be published; {@return the entries} */
  List<Path> inJars(Path directory) throws IOException {
    List<Path> jars = new ArrayList<>();
    for (Path entry : entries) {
      jars.add(Files.isDirectory(entry) ? jar(entry, directory) : entry);
    }
    return jars;
  }

  private static Path jar(Path classes, Path directory) throws IOException {
    Files.createDirectories(directory);
    Path jar = directory.resolve(Integer.toHexString(classes.hashCode()) + ".jar");
    if (Files.exists(jar)) {
      return jar;
    }
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(jar));
        JarOutputStream packed = new JarOutputStream(file);
        Stream<Path> paths = Files.walk(classes)) {
      for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
        packed.putNextEntry(new JarEntry(classes.relativize(path).toString()));
        Files.copy(path, packed);
        packed.closeEntry();
      }
    }
    return jar;
  }
}
