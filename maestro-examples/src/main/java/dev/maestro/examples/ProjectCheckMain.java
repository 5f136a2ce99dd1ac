package dev.maestro.examples;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * The demo's gate: compiles the Java project in the working directory and runs its tests.
 *
 * <p>A program of its own, run as a child process like any gate; a nested Maven build would do the
 * same slower. Exit codes: 0 all tests passed, 1 some did not or there were none, 2 it does not
 * compile.
 */
public final class ProjectCheckMain {

  /**
   * What compiles and tests the project; opening all other libraries takes as long as its tests.
   */
  private static final Pattern NEEDED =
      Pattern.compile("(junit-|opentest4j-|apiguardian-|jspecify-|maestro-examples).*");

  private ProjectCheckMain() {}

  /** {@return as much of this program's class path as the check needs} */
  static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> isNeeded(Path.of(entry)))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static boolean isNeeded(Path entry) {
    return Files.isDirectory(entry) || NEEDED.matcher(entry.getFileName().toString()).matches();
  }

  /** Check the project in the working directory. */
  public static void main(String[] arguments) throws IOException {
    Path classes = Files.createTempDirectory("maestro-check");
    int exitCode;
    try {
      exitCode = check(Path.of(""), classes);
    } finally {
      delete(classes);
    }
    System.exit(exitCode);
  }

  private static int check(Path project, Path classes) throws IOException {
    PrintWriter out = new PrintWriter(System.out, true);
    List<Path> sources = new ArrayList<>(sources(project.resolve("src/main/java")));
    sources.addAll(sources(project.resolve("src/test/java")));
    if (!compile(sources, classes, out)) {
      out.println("The project does not compile.");
      return 2;
    }
    return test(classes, out);
  }

  private static List<Path> sources(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  private static boolean compile(List<Path> sources, Path classes, PrintWriter out)
      throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      out.println("This Java has no compiler; run with a JDK.");
      return false;
    }
    List<String> options =
        List.of(
            "-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      return !sources.isEmpty()
          && compiler
              .getTask(out, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
    }
  }

  private static int test(Path classes, PrintWriter out) {
    try (URLClassLoader loader = new URLClassLoader(new URL[] {url(classes)})) {
      Thread.currentThread().setContextClassLoader(loader);
      LauncherDiscoveryRequest request =
          LauncherDiscoveryRequestBuilder.request()
              .selectors(DiscoverySelectors.selectClasspathRoots(Set.of(classes)))
              .build();
      Launcher launcher = LauncherFactory.create();
      SummaryGeneratingListener listener = new SummaryGeneratingListener();
      launcher.execute(request, listener);
      return report(listener.getSummary(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URL url(Path path) throws MalformedURLException {
    return path.toUri().toURL();
  }

  private static int report(TestExecutionSummary summary, PrintWriter out) {
    summary
        .getFailures()
        .forEach(
            failure ->
                out.printf(
                    "FAILED %s%n  %s%n",
                    failure.getTestIdentifier().getLegacyReportingName(), failure.getException()));
    out.printf(
        "%d tests, %d failed%n", summary.getTestsFoundCount(), summary.getTestsFailedCount());
    return summary.getTestsFailedCount() == 0 && summary.getTestsSucceededCount() > 0 ? 0 : 1;
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
