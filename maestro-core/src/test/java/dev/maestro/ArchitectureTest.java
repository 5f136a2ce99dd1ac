package dev.maestro;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.slf4j.Logger;

/**
 * The package table of {@code docs/architecture.md}, and the rules that hold in all of
 * maestro-core.
 */
@TestInstance(Lifecycle.PER_CLASS) // the classes are read once
class ArchitectureTest {

  private static final String[] PURE = {
    "dev.maestro.task..", "dev.maestro.graph..", "dev.maestro.plan..", "dev.maestro.run.."
  };

  private final JavaClasses core =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
          .importPackages("dev.maestro");

  // ------------------------------------------------------------------ packages

  @Test
  void everyPackageStandsInTheTable() throws IOException {
    PackageTable table = PackageTable.read();

    Set<String> expected = new TreeSet<>(table.layers().keySet());
    expected.removeAll(table.toCome());
    assertThat(core.stream().map(PackageTable::nameOf).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void packagesUseOnlyLowerLayers() throws IOException {
    classes().should(useOnlyWhat(PackageTable.read())).check(core);
  }

  @Test
  void onlyTheFrontDoorUsesTheEngine() {
    classes()
        .that()
        .resideInAPackage("dev.maestro.engine")
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAnyPackage("dev.maestro", "dev.maestro.engine")
        .check(core);
  }

  @Test
  void packagesAreNamedForTheDomainAndNotForTheirShape() {
    noClasses()
        .should()
        .resideInAnyPackage(
            "..util..", "..impl..", "..common..", "..model..", "..internal..", "..exception..")
        .check(core);
  }

  @Test
  void everyPackageSaysWhatItIsForAndIsNullMarked() {
    assertThat(packages()).allMatch(p -> p.tryGetPackageInfo().isPresent());
    assertThat(packages()).allMatch(p -> p.isAnnotatedWith(NullMarked.class));
  }

  private Set<JavaPackage> packages() {
    return core.stream().map(JavaClass::getPackage).collect(Collectors.toSet());
  }

  private static ArchCondition<JavaClass> useOnlyWhat(PackageTable table) {
    return new ArchCondition<>("use only packages of lower layers") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
          JavaClass used = dependency.getTargetClass().getBaseComponentType();
          if (used.getPackageName().startsWith("dev.maestro") && !table.mayUse(user, used)) {
            events.add(SimpleConditionEvent.violated(user, dependency.getDescription()));
          }
        }
      }
    };
  }

  // ------------------------------------------------------------------ the pure core

  @Test
  void thePureCoreKnowsNoFilesThreadsOrLogs() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "java.io..",
                    "java.nio.file..",
                    "java.nio.channels..",
                    "java.net..",
                    "java.util.concurrent..",
                    "org.slf4j..")
                .or(belongToAnyOf(Thread.class, Process.class, ProcessBuilder.class, Runtime.class))
                .and(DescribedPredicate.not(isForEncodingInMemory())))
        .check(core);
  }

  @Test
  void thePureCoreDrawsNoLots() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .areAssignableTo(RandomGenerator.class)
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .callMethod(Math.class, "random")
        .check(core);
  }

  @Test
  void policiesAndApprovalsNeitherLogNorWait() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.maestro.policy", "dev.maestro.approval")
        .should()
        .dependOnClassesThat(
            belongToAnyOf(Thread.class, Logger.class).or(resideInAnyPackage("java.io..")))
        .check(core);
  }

  /** What Jackson asks of the one who encodes events; nothing of it leaves the heap. */
  private static DescribedPredicate<JavaClass> isForEncodingInMemory() {
    return belongToAnyOf(
        ByteArrayOutputStream.class, IOException.class, UncheckedIOException.class);
  }

  // ------------------------------------------------------------------ the good guest

  @Test
  void onlyThePackageProcessReadsTheClock() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.maestro.process")
        .should()
        .callCodeUnitWhere(target(describe("reads the clock", ArchitectureTest::readsTheClock)))
        .check(core);
  }

  @Test
  void nothingIsPrinted() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(core);
    noClasses().should().accessField(System.class, "in").check(core);
  }

  @Test
  void exceptionsSayWhatHappened() {
    noClasses()
        .should()
        .callCodeUnitWhere(
            target(
                    describe(
                        "makes a generic exception",
                        target ->
                            target.getName().equals("<init>")
                                && isAnyOf(
                                    target.getOwner(),
                                    Throwable.class,
                                    Exception.class,
                                    RuntimeException.class,
                                    Error.class)))
                // super(...) is called by exceptions that do say more
                .and(
                    describe(
                        "is no exception itself",
                        call -> !call.getOriginOwner().isAssignableTo(Throwable.class))))
        .check(core);
  }

  @Test
  void nothingEndsTheJvm() {
    noClasses()
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(core);
  }

  @Test
  void nothingIsSerializedByJava() {
    noClasses()
        .should()
        .dependOnClassesThat(belongToAnyOf(ObjectInputStream.class, ObjectOutputStream.class))
        .check(core);
  }

  @Test
  void nothingMutableIsStatic() {
    noFields()
        .that(describe("are no tables that javac made", field -> !field.getName().contains("$")))
        .should(
            ArchCondition.from(
                describe(
                    "be static and change",
                    field ->
                        field.getModifiers().contains(STATIC)
                            && (!field.getModifiers().contains(FINAL)
                                || changes(field.getRawType())))))
        .check(core);
  }

  private static boolean changes(JavaClass type) {
    return isAnyOf(
            type,
            AtomicInteger.class,
            AtomicLong.class,
            AtomicReference.class,
            Thread.class,
            ThreadLocal.class)
        || type.getName().matches("java\\.util\\.(concurrent\\..*|[A-Z]\\w+(Map|Set|List|Deque))")
        || type.getPackageName().startsWith("com.github.benmanes.caffeine");
  }

  private static boolean readsTheClock(CodeUnitCallTarget target) {
    JavaClass owner = target.getOwner();
    String name = target.getName();
    return name.equals("now") && owner.getPackageName().startsWith("java.time")
        || owner.isEquivalentTo(System.class)
            && Set.of("currentTimeMillis", "nanoTime").contains(name)
        || owner.isEquivalentTo(Clock.class)
            && (name.startsWith("system") || name.startsWith("tick"))
        || owner.isEquivalentTo(InstantSource.class) && name.equals("system")
        || owner.isEquivalentTo(Thread.class) && name.equals("sleep");
  }

  private static boolean isAnyOf(JavaClass type, Class<?>... types) {
    return Set.of(types).stream().anyMatch(type::isEquivalentTo);
  }

  private static DescribedPredicate<JavaCall<?>> target(
      DescribedPredicate<? super CodeUnitCallTarget> predicate) {
    return describe(predicate.getDescription(), call -> predicate.test(call.getTarget()));
  }
}
