package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a JVM loads on its first way through the engine. */
class StartTest {

  private static final Pattern LOADED = Pattern.compile("\\[class,load\\] (\\S+) source: (.*)");
  private static final String ARCHIVED = "shared objects file";

  // makes the equals and the hashCode of a record when one is called for the first time
  private static final String COMPARING_RECORDS = "java.lang.runtime.ObjectMethods";
  private static final String CACHE = "com.github.benmanes.caffeine.";
  // with whatever is behind it, some fifty classes for a word that nobody says
  private static final String LOGGING = "org.slf4j.";
  private static final String MAPPER = "com.fasterxml.jackson.databind.ObjectMapper";

  // beyond the JDK's archive and what an empty program loads: 932 and 883 on JDK 17 and 25 when
  // this was written, and 1,085 and 1,026 to go on
  private static final int MOST_TO_BEGIN = 980;
  private static final int MOST_TO_GO_ON = 1_140;

  @TempDir private Path directory;

  @Test
  void nothingIsLoadedThatAFirstRunDoesNotNeed() throws Exception {
    Set<String> loadedAnyway = loaded("nothing").keySet();

    Set<String> begun = loaded("begin").keySet();
    Set<String> recovered = loaded("recover").keySet();

    assertThat(begun).contains("dev.maestro.engine.Parked");
    assertThat(recovered).contains("dev.maestro.engine.Parked");
    assertThat(unwanted(begun, loadedAnyway)).isEmpty();
    assertThat(unwanted(recovered, loadedAnyway)).isEmpty();
  }

  private static List<String> unwanted(Set<String> loaded, Set<String> loadedAnyway) {
    return loaded.stream()
        .filter(name -> !loadedAnyway.contains(name))
        .filter(
            name ->
                name.equals(COMPARING_RECORDS)
                    || name.equals(MAPPER)
                    || name.startsWith(CACHE)
                    || name.startsWith(LOGGING))
        .toList();
  }

  /** Each lambda counts: it is a class that the JDK makes when it is first met. */
  @Test
  void aStartLoadsFewClasses() throws Exception {
    long anyway = beyondTheArchive(loaded("nothing"));
    assumeThat(anyway).as("this JVM has an archive of the JDK's classes").isLessThan(100);

    long begun = beyondTheArchive(loaded("begin"));
    long goneOn = beyondTheArchive(loaded("recover"));

    assertThat(begun - anyway).isLessThanOrEqualTo(MOST_TO_BEGIN);
    assertThat(goneOn - anyway).isLessThanOrEqualTo(MOST_TO_GO_ON);
  }

  private static long beyondTheArchive(Map<String, String> loaded) {
    return loaded.values().stream().filter(source -> !source.startsWith(ARCHIVED)).count();
  }

  /** {@return the classes that the JVM loaded, and where from} */
  private Map<String, String> loaded(String what) throws Exception {
    Process child =
        new ProcessBuilder(StartMain.command(what, directory.resolve("store")))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Map<String, String> sources = new TreeMap<>();
    child
        .inputReader()
        .lines()
        .forEach(
            line -> {
              Matcher loaded = LOADED.matcher(line);
              if (loaded.find()) {
                sources.put(loaded.group(1), loaded.group(2));
              }
            });
    assertThat(child.waitFor()).isZero();
    return sources;
  }
}
