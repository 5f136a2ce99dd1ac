package dev.maestro.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A JVM that runs processes, for tests that need one they may kill, or one with its own
 * environment.
 *
 * <p>It prints the identity of its process as one line, unless asked for the output alone, then
 * what the process prints.
 */
final class HostMain {

  private HostMain() {}

  /** {@return the command of a host; mode is {@code identity} or {@code names}} */
  static List<String> command(Path directory, String... modeAndCommand) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                HostMain.class.getName(),
                directory.toString()));
    command.addAll(Arrays.asList(modeAndCommand));
    return command;
  }

  /** Run the command in the directory: {@code <directory> <mode> <command>...}. */
  public static void main(String[] args) throws InterruptedException {
    boolean printsIdentity = args[1].equals("identity");
    List<String> command = List.of(args).subList(2, args.length);
    ProcessSpec spec =
        ProcessSpec.builder(Path.of(args[0]), command).variable("SET_BY_SPEC", "yes").build();
    ProcessListener printer =
        new ProcessListener() {
          @Override
          public void started(ProcessIdentity identity) {
            if (printsIdentity) {
              System.out.printf(
                  "%s %d %d %s%n",
                  identity.bootId(), identity.pid(), identity.startTicks(), identity.marker());
            }
          }

          @Override
          public void line(String line) {
            System.out.println(line);
          }
        };
    try (Time time = Time.system()) {
      new ProcessRunner(time).run(spec, printer, Cancellation.never());
    }
  }
}
