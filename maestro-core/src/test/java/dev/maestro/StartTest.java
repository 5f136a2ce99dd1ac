package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a JVM loads on its first way through the engine. */
class StartTest {

  private static final Pattern LOADED = Pattern.compile("\\[class,load\\] (\\S+) source:.*");

  // makes the equals and the hashCode of a record when one is called for the first time
  private static final String COMPARING_RECORDS = "java.lang.runtime.ObjectMethods";
  private static final String CACHE = "com.github.benmanes.caffeine.";

  @TempDir private Path directory;

  @Test
  void nothingIsGeneratedToCompareRecordsAndNoLibraryIsLoadedForACache() throws Exception {
    Set<String> loadedAnyway = loaded("nothing");

    Set<String> begun = loaded("begin");
    Set<String> recovered = loaded("recover");

    assertThat(begun).contains("dev.maestro.engine.Parked");
    assertThat(recovered).contains("dev.maestro.engine.Parked");
    assertThat(unwanted(begun, loadedAnyway)).isEmpty();
    assertThat(unwanted(recovered, loadedAnyway)).isEmpty();
  }

  private static List<String> unwanted(Set<String> loaded, Set<String> loadedAnyway) {
    return loaded.stream()
        .filter(name -> !loadedAnyway.contains(name))
        .filter(name -> name.equals(COMPARING_RECORDS) || name.startsWith(CACHE))
        .toList();
  }

  private Set<String> loaded(String what) throws Exception {
    Process child =
        new ProcessBuilder(StartMain.command(what, directory.resolve("store")))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Set<String> names = new TreeSet<>();
    child
        .inputReader()
        .lines()
        .forEach(
            line -> {
              Matcher loaded = LOADED.matcher(line);
              if (loaded.find()) {
                names.add(loaded.group(1));
              }
            });
    assertThat(child.waitFor()).isZero();
    return names;
  }
}
