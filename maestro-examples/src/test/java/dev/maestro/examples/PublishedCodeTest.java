package dev.maestro.examples;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.THROW_GENERIC_EXCEPTIONS;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.langchain4j.ChatAgent;
import dev.maestro.providers.CommandAgent;
import dev.maestro.testing.ScriptedAgent;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The rules that hold in the published modules beside maestro-core, which has a test of its own.
 */
@TestInstance(Lifecycle.PER_CLASS) // the classes are read once
class PublishedCodeTest {

  /** A program, whose standard streams and exit code are what it is there for. */
  private static final DescribedPredicate<JavaClass> PROGRAM =
      describe("are programs", type -> type.getSimpleName().endsWith("Main"));

  /** They wait for other processes and threads, which know no clock but the machine's. */
  private static final Set<String> WAIT_FOR_OTHERS =
      Set.of(
          "dev.maestro.git.BranchMove",
          "dev.maestro.git.Patience",
          "dev.maestro.testing.ScriptedAgent",
          "dev.maestro.testing.VirtualTime");

  private final JavaClasses published =
      new ClassFileImporter()
          .importPackages(
              GitWorkspaces.class.getPackageName(),
              CommandAgent.class.getPackageName(),
              ChatAgent.class.getPackageName(),
              ScriptedAgent.class.getPackageName());

  @Test
  void everyPackageSaysWhatItIsForAndIsNullMarked() {
    Set<JavaPackage> packages =
        published.stream().map(JavaClass::getPackage).collect(Collectors.toSet());

    assertThat(packages).hasSize(11).allMatch(p -> p.isAnnotatedWith(NullMarked.class));
  }

  @Test
  void onlyProgramsPrintAndEndTheJvm() {
    noClasses()
        .that(DescribedPredicate.not(PROGRAM))
        .should(ACCESS_STANDARD_STREAMS)
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .check(published);
  }

  @Test
  void exceptionsSayWhatHappened() {
    noClasses().should(THROW_GENERIC_EXCEPTIONS).check(published);
  }

  @Test
  void timeIsHandedIn() {
    noClasses()
        .that(describe("wait for nobody else", type -> !WAIT_FOR_OTHERS.contains(outermost(type))))
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .check(published);
  }

  @Test
  void nothingStaticIsAssignedTwice() {
    noFields()
        .should(ArchCondition.from(describe("be static and change", PublishedCodeTest::changes)))
        .check(published);
  }

  @Test
  void theEngineIsNobodysBusiness() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.maestro.engine")
        .check(published);
  }

  @Test
  void adaptersDoNotKnowEachOther() {
    classes()
        .that()
        .resideInAPackage("dev.maestro.git")
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAPackage("dev.maestro.git")
        .check(published);
    noClasses()
        .that()
        .resideInAnyPackage("dev.maestro.testing..", "dev.maestro.git")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.maestro.providers")
        .check(published);
  }

  private static boolean changes(JavaField field) {
    return field.getModifiers().contains(STATIC)
        && !field.getModifiers().contains(FINAL)
        && !field.getName().contains("$");
  }

  private static String outermost(JavaClass type) {
    return type.getName().replaceAll("\\$.*", "");
  }
}
