//! tell
use serde::Serialize;
/// told
#[derive(Debug, Serialize)]
pub struct Told {}
impl Told {
    /// text
    pub fn text(&self) -> String {
        String::new()
    }
}
/// tell
pub fn tell(_plan: &super::Plan) -> Told {
    Told {}
}
