//! Scripts that can be read and scripts that cannot.

use super::Script;

#[test]
fn a_script_is_read_and_a_misspelt_one_is_not() {
    let script: Script = toml::from_str(
        "vector = [1.0, 0.0]\n[[answers]]\nwhen = 'hello'\ntext = 'Hello.'\nusage = { input = 3, output = 2 }\n\
         [[answers]]\ntools = [{ name = 'look', arguments = '{}' }]\n[[answers]]\nwhen = 'x'\nfails = 'model-overloaded'\n",
    )
    .unwrap();
    assert_eq!(script.answers.len(), 3);
    assert_eq!(script.answers[0].usage.unwrap().output, 2);
    for wrong in [
        "[[answer]]\ntext = 'a'",
        "[[answers]]\nsays = 'a'",
        "[[answers]]\nusage = { inputs = 1 }",
    ] {
        toml::from_str::<Script>(wrong).unwrap_err();
    }
}
